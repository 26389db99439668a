// A real mail server (npm smtp-server) on loopback, by TLS and with a password, and the mails it took.
import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

export class MailServer {
    /** secure: TLS from the first byte; else STARTTLS, or nothing of it with `plain`. */
    constructor(certificate, { secure = true, plain = false, user = 'tide', password = 'opal-smtp-secret' } = {}) {
        this.mails = [];
        this.sessions = [];
        this.waiting = new Set();
        this.refuse = null; // an Error with responseCode, for recipients
        this.server = new SMTPServer({
            secure,
            key: readFileSync(certificate.replace(/pem$/, 'key')),
            cert: readFileSync(certificate),
            hideSTARTTLS: plain,
            disableReverseLookup: true,
            allowInsecureAuth: plain,
            authMethods: ['PLAIN', 'LOGIN'],
            onAuth: (auth, session, done) => {
                this.sessions.push({ secure: session.secure, method: auth.method });
                if (auth.username === user && auth.password === password) return done(null, { user });
                return done(Object.assign(new Error('Invalid user name or password'), { responseCode: 535 }));
            },
            onRcptTo: (address, session, done) => done(this.refuse),
            onData: (stream, session, done) => {
                const parts = [];
                stream.on('data', (part) => parts.push(part));
                stream.on('end', () => {
                    const { mailFrom, rcptTo } = session.envelope;
                    this.mails.push(read(Buffer.concat(parts).toString(), mailFrom.address, rcptTo.map((one) => one.address)));
                    done();
                    for (const check of this.waiting) check();
                });
            },
        });
        this.server.on('error', () => {}); // of clients that go away
    }
    async start() {
        await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
        this.port = this.server.server.address().port;
    }
    stop() {
        return new Promise((resolve) => this.server.close(resolve));
    }
    /** The next mail to that address; takes it away. */
    next(to, seconds = 15) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                this.waiting.delete(check);
                reject(new Error(`no mail to ${to} in ${seconds} s; there are ${this.mails.map((mail) => mail.to).join(', ')}`));
            }, seconds * 1000);
            const check = () => {
                const at = this.mails.findIndex((mail) => mail.to.includes(to));
                if (at < 0) return;
                clearTimeout(timer);
                this.waiting.delete(check);
                resolve(this.mails.splice(at, 1)[0]);
            };
            this.waiting.add(check);
            check();
        });
    }
}

/** Headers (unfolded), the plain text, the HTML and the link in it. */
function read(source, from, to) {
    const end = source.indexOf('\r\n\r\n');
    const headers = {};
    for (const line of source.slice(0, end).replace(/\r\n[ \t]/g, ' ').split('\r\n')) {
        headers[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 1).trim();
    }
    const boundary = /boundary="([^"]+)"/.exec(headers['content-type'])[1];
    const parts = source.slice(end).split(`--${boundary}`).slice(1, 3).map((part) => Buffer.from(part.slice(part.indexOf('\r\n\r\n')), 'base64').toString());
    const subject = headers.subject.replace(/=\?UTF-8\?B\?([^?]*)\?=\s*/g, (_, text) => Buffer.from(text, 'base64').toString());
    return { source, from, to, headers, subject, text: parts[0], html: parts[1], link: /https?:\S+#\S+/.exec(parts[0])?.[0] };
}
