// Signs and verifies tokens with the npm package jose, for jwt_test.cpp. Secrets and claims come in base64url.
//   verify SECRET TOKEN            the claims
//   sign ALGORITHM KEY KID CLAIMS  a token; KEY is a secret (HS256) or a file with a private key
//   keys FILE KID …                the set of these public keys
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const jose = await import(pathToFileURL(createRequire(new URL('../../../web/package.json', import.meta.url)).resolve('jose')));
const bytes = (text) => Buffer.from(text, 'base64url');
const [command, ...rest] = process.argv.slice(2);
if (command === 'verify') {
    const [secret, token] = rest;
    const options = { algorithms: ['HS256'], issuer: 'tidemark', audience: 'tidemark', currentDate: new Date(1_700_000_001_000) };
    const { payload } = await jose.jwtVerify(token, bytes(secret), options);
    process.stdout.write(JSON.stringify(payload));
} else if (command === 'sign') {
    const [alg, key, kid, claims] = rest;
    const signer = new jose.CompactSign(bytes(claims)).setProtectedHeader({ alg, kid });
    process.stdout.write(await signer.sign(alg === 'HS256' ? bytes(key) : createPrivateKey(readFileSync(key))));
} else {
    const keys = [];
    for (let i = 0; i < rest.length; i += 2) {
        keys.push({ ...(await jose.exportJWK(createPublicKey(readFileSync(rest[i])))), kid: rest[i + 1], use: 'sig' });
    }
    process.stdout.write(JSON.stringify({ keys }));
}
