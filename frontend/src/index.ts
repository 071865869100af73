/** The entry point that TensorBoard's plugin frame imports: `import('./index.js').then(m => m.render())`. */
export function render(): void {
  document.body.replaceChildren();
}
