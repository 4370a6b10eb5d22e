import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Vite reads a default export; `npx vite` beside `npm start` serves the page with the API of the latter.
const api = process.env.POSTRIDER_API ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022', sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: { proxy: { '/v1': api, '/docs': api, '/openapi.json': api, '/health': api } },
});
