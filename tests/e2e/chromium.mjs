// How the browser is started, for the tests and for measure.mjs.
export const chromium = {
    browserName: 'chromium',
    launchOptions: {
        executablePath: '/usr/bin/chromium',
        args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
            // Whoever asks for another host, page or worker, gets no answer.
            '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
        ],
    },
};
