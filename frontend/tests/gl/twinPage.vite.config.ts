import { defineConfig } from 'vite';

// Built by tests/browser/test_shader_twin.py, which gives the folder to write to.
export default defineConfig({
  logLevel: 'warn',
  build: {
    target: 'es2022',
    minify: false,
    lib: { entry: 'tests/gl/twinPage.ts', formats: ['es'], fileName: () => 'twinPage.js' },
  },
});
