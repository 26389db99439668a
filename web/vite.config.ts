import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Every chunk that `file` needs at once: itself and its static imports. */
function staticClosure(
    bundle: Record<string, { type: string; imports?: string[] }>,
    file: string,
    seen = new Set<string>(),
): Set<string> {
    const chunk = bundle[file];
    if (chunk?.type !== 'chunk' || seen.has(file)) return seen;
    seen.add(file);
    for (const next of chunk.imports ?? []) staticClosure(bundle, next, seen);
    return seen;
}

/**
 * The boot script is tiny and fetches the application itself. Without these links the browser would
 * learn of the application, and then of the first page, one round trip after the other.
 */
function preloadFirstPage(): Plugin {
    return {
        name: 'tidemark-preload-first-page',
        enforce: 'post',
        transformIndexHtml: {
            order: 'post',
            handler(html, { bundle }) {
                if (!bundle) return [];
                const files = new Set<string>();
                const sheets = new Set<string>();
                for (const [name, chunk] of Object.entries(bundle)) {
                    if (chunk.type !== 'chunk' || chunk.name !== 'core') continue;
                    for (const file of staticClosure(bundle, name)) {
                        if (!html.includes(file)) files.add(file);
                        const part = bundle[file];
                        const css = part?.type === 'chunk' ? part.viteMetadata?.importedCss : null;
                        for (const sheet of css ?? []) sheets.add(sheet);
                    }
                }
                const fonts = Object.keys(bundle).filter((file) => file.endsWith('.woff2'));
                return [
                    ...[...sheets].map((href) => ({
                        tag: 'link',
                        attrs: { rel: 'stylesheet', href: `/${href}` },
                        injectTo: 'head' as const,
                    })),
                    ...[...files].map((href) => ({
                        tag: 'link',
                        attrs: { rel: 'modulepreload', href: `/${href}` },
                        injectTo: 'head' as const,
                    })),
                    // Else the first texts are drawn twice: with the system's face, then with the own.
                    ...fonts.map((href) => ({
                        tag: 'link',
                        attrs: {
                            rel: 'preload',
                            as: 'font',
                            type: 'font/woff2',
                            crossorigin: true,
                            href: `/${href}`,
                        },
                        injectTo: 'head' as const,
                    })),
                ];
            },
        },
    };
}

const BOOT =
    /src\/(app\/boot|app\/i18n\/catalogues|shared\/api\/early|shared\/lib\/(settings|zone))\.ts|vite\/preload-helper/;
const VENDOR =
    /node_modules\/(react|react-dom|scheduler|react-router|cookie|set-cookie-parser|@reduxjs|react-redux|redux|redux-thunk|immer|reselect|use-sync-external-store|i18next|react-i18next|html-parse-stringify|void-elements)\//;
const CORE =
    /src\/features\/overview\/|src\/app\/(main|App|store|pages|firstAnswers|i18n\/index|ErrorBoundary|NotFoundPage|PreferencesProvider|layout\/(Shell|ImportProgress))\.tsx?|src\/shared\/(api|lib|stream\/(client|protocol|connection)|ui\/(?!AntProvider|Confirm|PasswordConfirm|CopyButton|Field|faults)[A-Za-z]+\.tsx?|charts\/(palette|theme|usePrepared|SeriesChart|download|prepare|build))/;

const apiTarget = process.env['TIDEMARK_API'] ?? 'http://127.0.0.1:8377';

export default defineConfig({
    plugins: [react(), preloadFirstPage()],
    resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
    server: { port: 5173, proxy: { '/api': { target: apiTarget, changeOrigin: false } } },
    build: {
        target: 'es2022',
        manifest: true,
        modulePreload: { polyfill: false }, // browsers without it load the same files a little later
        sourcemap: false,
        assetsInlineLimit: 0, // data: addresses would need a hole in the content security policy
        chunkSizeWarningLimit: 800,
        rolldownOptions: {
            output: {
                // Chromium then compiles them whole while they come, beside the page's own thread.
                postBanner: (chunk) =>
                    ['vendor', 'core'].includes(chunk.name) ? '//# allFunctionsCalledOnLoad' : '',
                codeSplitting: {
                    groups: [
                        { name: 'echarts', test: /node_modules[\\/](echarts|zrender)[\\/]/ },
                        // What the boot script runs must not wait for anything else.
                        { name: 'boot', test: BOOT, priority: 30 },
                        // What every page needs is one file, not twenty, and the first page is in it: each file costs
                        // a slow machine some ms.
                        { name: 'vendor', test: VENDOR, priority: 20 },
                        { name: 'core', test: CORE, priority: 10 },
                    ],
                },
            },
        },
    },
    worker: { format: 'es' },
    test: {
        environment: 'happy-dom',
        include: ['src/**/*.test.{ts,tsx}'],
        setupFiles: ['src/test/setup.ts'],
        restoreMocks: true,
    },
});
