/** How long a download may take to begin: the browser may ask where to put it. */
const KEPT_MS = 60_000;

/** Gives a file to the browser to be kept. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
