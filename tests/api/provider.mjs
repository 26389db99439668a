// A certified OpenID Connect provider (npm oidc-provider) on loopback, and a browser that goes back and forth.
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import Provider from 'oidc-provider';
import { World } from './program.mjs';

/** A world whose programs trust the provider, and nobody else. */
export class TrustingWorld extends World {
    constructor(options) {
        super(options);
        this.certificate = makeCertificate(this.folder);
    }
    get environment() {
        return { ...super.environment, SSL_CERT_FILE: this.certificate };
    }
}

/** A certificate for 127.0.0.1 that signs itself; gives its file, which is also whom to trust. */
function makeCertificate(folder) {
    const file = path.join(folder, 'provider.pem');
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=provider'];
    const made = spawnSync('openssl', [...args, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', path.join(folder, 'provider.key'), '-out', file]);
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
    return file;
}

let keys = 0;
function newKey(kind) {
    const { privateKey } = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...privateKey.export({ format: 'jwk' }), kid: `key-${++keys}`, use: 'sig' };
}

/** people: {name: claims}; who: signs in next, null says no; asks: shows a page to choose instead. */
export class TestProvider {
    constructor(certificate) {
        this.certificate = certificate;
        this.people = {};
        this.who = null;
        this.asks = false;
        this.asked = [];
        const tls = { cert: readFileSync(certificate), key: readFileSync(certificate.replace(/pem$/, 'key')) };
        this.server = https.createServer(tls, (request, response) => this.#answer(request, response));
    }
    async start(clients) {
        await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
        this.issuer = `https://127.0.0.1:${this.server.address().port}`;
        this.clients = clients;
        this.rotate('rsa');
    }
    /** New keys, and only those: what was signed before cannot be verified any more. */
    rotate(kind) {
        this.provider = new Provider(this.issuer, {
            clients: this.clients.map((client) => ({ ...client, id_token_signed_response_alg: kind === 'rsa' ? 'RS256' : 'ES256' })),
            jwks: { keys: [newKey('rsa'), ...(kind === 'rsa' ? [] : [newKey(kind)])] },
            cookies: { keys: ['made up'] },
            claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'], groups: ['groups'] },
            scopes: ['openid', 'profile', 'email', 'groups'],
            features: { devInteractions: { enabled: false } },
            findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...this.people[id] }) }),
            interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
            loadExistingGrant: async (ctx) => {
                const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
                grant.addOIDCScope('openid profile email groups');
                await grant.save();
                return grant;
            },
        });
        this.answer = this.provider.callback();
    }
    #answer(request, response) {
        this.asked.push(`${request.method} ${request.url.split('?')[0]}`);
        if (!request.url.startsWith('/interaction/')) return this.answer(request, response);
        const chosen = new URL(request.url, this.issuer).searchParams.get('who');
        if (this.asks && chosen === null) {
            const buttons = [...Object.entries(this.people), ['', { name: 'Nobody' }]].map(([who, { name }]) => `<button name="who" value="${who}">${name}</button>`);
            response.setHeader('content-type', 'text/html');
            return response.end(`<!doctype html><title>Test ID</title><form>${buttons.join('')}</form>`);
        }
        const who = this.asks ? chosen : this.who;
        const result = who ? { login: { accountId: who } } : { error: 'access_denied' };
        return this.provider.interactionFinished(request, response, result);
    }
    stop() {
        this.server.closeAllConnections();
        return new Promise((resolve) => this.server.close(resolve));
    }
}

/** Keeps cookies for each host, as far as their paths reach. */
export class Browser {
    constructor(certificate) {
        this.ca = readFileSync(certificate);
        this.cookies = new Map();
    }
    request(method, url, { headers = {}, body } = {}) {
        const { host, hostname, port, pathname, search, protocol } = new URL(url);
        const own = [...(this.cookies.get(host) ?? new Map()).values()].filter((cookie) => pathname.startsWith(cookie.path));
        const all = { ...(own.length ? { cookie: own.map((cookie) => `${cookie.name}=${cookie.value}`).join('; ') } : {}), ...headers };
        return new Promise((resolve, reject) => {
            const module_ = protocol === 'https:' ? https : http;
            const options = { host: hostname, port, method, path: pathname + search, headers: all, agent: false, ...(protocol === 'https:' ? { ca: this.ca } : {}) };
            const sent = module_.request(options, (answer) => {
                const parts = [];
                answer.on('data', (part) => parts.push(part));
                answer.on('end', () => {
                    for (const line of answer.headers['set-cookie'] ?? []) this.#keep(host, line);
                    resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() });
                });
            });
            sent.on('error', reject);
            sent.end(body);
        });
    }
    #keep(host, line) {
        const [pair, ...attributes] = line.split(/; */);
        const name = pair.slice(0, pair.indexOf('='));
        const value = pair.slice(pair.indexOf('=') + 1);
        const path_ = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
        const jar = this.cookies.get(host) ?? new Map();
        this.cookies.set(host, jar);
        if (value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute))) jar.delete(name);
        else jar.set(name, { name, value, path: path_, line });
    }
    /** Follows redirects until one leads to `stop` or there is none; gives every address it was sent to. */
    async follow(url, stop) {
        const places = [];
        for (let next = url; next && !(stop && next.startsWith(stop)); ) {
            const answer = await this.request('GET', next);
            next = answer.headers.location && new URL(answer.headers.location, next).href;
            if (next) places.push(next);
            if (places.length > 10) throw new Error(`too many redirects: ${places.join(' ')}`);
        }
        return places;
    }
}
