import { defineConfig, type Plugin } from "vite";
import { licences } from "./licences.ts";

/** The page is also opened from files, where a browser refuses what is asked for with `crossorigin`. */
const openedFromFiles: Plugin = {
  name: "opened-from-files",
  transformIndexHtml: { order: "post", handler: (html) => html.replaceAll(" crossorigin", "") },
};

const { ofPage, ofWorkers } = licences();

export default defineConfig({
  base: "./",
  plugins: [ofPage, openedFromFiles],
  worker: { plugins: () => [ofWorkers] },
  build: {
    outDir: "../src/telemap/web/built",
    emptyOutDir: true,
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    sourcemap: false,
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.POSITIVE_INFINITY,
    chunkSizeWarningLimit: 8_000,
    rolldownOptions: {
      output: { entryFileNames: "app.js", assetFileNames: "app[extname]", codeSplitting: false },
    },
  },
});
