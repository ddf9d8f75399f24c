import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const SERVER = 'http://localhost:3000';
const EMOJI_FILES = ['data.json', 'messages.json'];

/** The names of emoji, served by ourselves: by default the picker asks a public network for them. */
function emojiData(): Plugin {
  const { resolve } = createRequire(import.meta.url);
  return {
    name: 'emoji-data',
    apply: 'build',
    async generateBundle() {
      for (const file of EMOJI_FILES) {
        const source = await readFile(resolve(`emojibase-data/en/${file}`));
        this.emitFile({ type: 'asset', fileName: `emoji/en/${file}`, source });
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwind(), emojiData()],
  // The SDK's sources, so that neither a build nor a change of it has to be compiled first.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    target: ['chrome120', 'firefox121', 'safari17.2'],
    // Small images would else become data: addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/v1': SERVER,
      '/socket.io': { target: SERVER, ws: true },
    },
  },
});
