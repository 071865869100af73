import { defineConfig } from 'vitest/config';

// TensorBoard serves one ES module, `index.js`, and the page's policy allows no inline scripts:
// everything, the style sheets too (`?inline`), is in that one file.
export default defineConfig(({ mode }) => ({
  build: {
    target: 'es2022',
    outDir: '../tb_layerview/plugin/static',
    emptyOutDir: true,
    minify: mode !== 'development',
    sourcemap: mode === 'development' ? 'inline' : false,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: () => 'index.js' },
  },
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    environment: 'node',
    restoreMocks: true,
    // A machine that is busy with other things is no failure of a test.
    testTimeout: 30_000,
  },
}));
