/** The provider's form: what is typed, and what of it is sent. */
import type { ProviderChange, ProviderSettings } from '@/shared/api/generated';

export type ProviderDraft = Omit<ProviderSettings, 'has_client_secret' | 'redirect_uri'> & {
    /** Empty: the one that the server has. */
    client_secret: string;
};

export function changeOf(draft: ProviderDraft): ProviderChange {
    const lines = <T extends { group: string }>(rows: T[]) =>
        rows.map((row) => ({ ...row, group: row.group.trim() })).filter((row) => row.group !== '');
    return {
        enabled: draft.enabled,
        name: draft.name.trim(),
        issuer: draft.issuer,
        client_id: draft.client_id,
        ...(draft.client_secret === '' ? {} : { client_secret: draft.client_secret }),
        scopes: draft.scopes,
        create_accounts: draft.create_accounts,
        mail_domains: draft.mail_domains,
        groups_claim: draft.groups_claim,
        roles: lines(draft.roles),
        teams: lines(draft.teams),
        required_acr: draft.required_acr.trim(),
        required_amr: draft.required_amr.trim(),
    };
}
