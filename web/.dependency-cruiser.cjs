// Imports run one way: shared <- features <- app. No feature imports another.
module.exports = {
    forbidden: [
        {
            name: 'no-cross-feature',
            severity: 'error',
            from: { path: '^src/features/([^/]+)/' },
            to: { path: '^src/features/([^/]+)/', pathNot: '^src/features/$1/' },
        },
        {
            name: 'features-do-not-know-the-app',
            severity: 'error',
            from: { path: '^src/features/' },
            to: { path: '^src/app/' },
        },
        {
            name: 'shared-is-a-leaf',
            severity: 'error',
            from: { path: '^src/shared/' },
            to: { path: '^src/(features|app)/' },
        },
        {
            name: 'echarts-behind-one-door',
            comment: 'Only shared/charts/echarts.ts may load the chart library.',
            severity: 'error',
            from: { path: '^src/', pathNot: '^src/shared/charts/' },
            to: { path: 'node_modules/(echarts|zrender)' },
        },
        { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
        {
            name: 'nothing-unknown',
            severity: 'error',
            from: {},
            to: { couldNotResolve: true, pathNot: '\\.(css|woff2)$' },
        },
    ],
    options: {
        tsConfig: { fileName: 'tsconfig.json' },
        tsPreCompilationDeps: true,
        doNotFollow: { path: 'node_modules' },
        exclude: { path: 'virtual:' },
    },
};
