import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
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

/** Tells the service worker what to keep for being offline. */
function shellList(): Plugin {
  return {
    name: 'shell-list',
    apply: 'build',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => name.startsWith('assets/'));
      const source = JSON.stringify(files.map((name) => `/${name}`).toSorted());
      this.emitFile({ type: 'asset', fileName: 'shell.json', source });
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwind(), emojiData(), shellList()],
  // The SDK's sources, so that neither a build nor a change of it has to be compiled first.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    target: ['chrome120', 'firefox121', 'safari17.2'],
    // Small images would else become data: addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What is more than this and comes first has to be worth it: scripts/build-web.mjs counts it.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: {
        index: fileURLToPath(new URL('index.html', import.meta.url)),
        'service-worker': fileURLToPath(
          new URL('src/service-worker/service-worker.ts', import.meta.url),
        ),
      },
      output: {
        // The worker's name is its identity.
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js',
      },
    },
  },
  server: {
    proxy: {
      '/v1': SERVER,
      '/socket.io': { target: SERVER, ws: true },
    },
  },
});
