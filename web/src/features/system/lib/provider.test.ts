import { expect, test } from 'vitest';
import { changeOf, type ProviderDraft } from '@/features/system/lib/provider';

const DRAFT: ProviderDraft = {
    enabled: true,
    name: ' Work ',
    issuer: 'https://id.example',
    client_id: 'tidemark',
    client_secret: '',
    scopes: ['openid'],
    create_accounts: true,
    mail_domains: [],
    groups_claim: 'groups',
    roles: [
        { group: ' leads ', role: 'admin' },
        { group: '  ', role: 'enterprise' },
    ],
    teams: [],
    required_acr: '',
    required_amr: 'mfa',
};

test('a secret that was not typed is left out, so that the server keeps its own', () => {
    expect(changeOf(DRAFT)).not.toHaveProperty('client_secret');
    expect(changeOf({ ...DRAFT, client_secret: 'x' }).client_secret).toBe('x');
});

test('lines without a group are not sent: an empty name would fit nobody or everybody', () => {
    expect(changeOf(DRAFT).roles).toEqual([{ group: 'leads', role: 'admin' }]);
    expect(changeOf(DRAFT).name).toBe('Work');
});

test('what the server only tells is not sent back', () => {
    const shown = { ...DRAFT, has_client_secret: true, redirect_uri: 'https://tide.example/x' };
    expect(Object.keys(changeOf(shown))).toEqual(
        Object.keys(DRAFT).filter((name) => name !== 'client_secret'),
    );
});
