// Where the page is built to, and what a developer's own server passes on to a running agent.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content policy allows no inline data but images
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": process.env.PLANTROOM ?? "http://127.0.0.1:8080" } },
});
