/** The form about the mail server: what is typed, and what of it is sent. */
import type { MailChange, MailSecurity, MailSettings } from '@/shared/api/generated';

export interface MailDraft {
    enabled: boolean;
    host: string;
    port: string;
    security: MailSecurity;
    user: string;
    /** Empty: the one that the server has. */
    password: string;
    from_address: string;
    from_name: string;
}

const USUAL: Record<MailSecurity, string> = { tls: '465', starttls: '587', plain: '25' };

export function draftOf(settings: MailSettings): MailDraft {
    const { enabled, host, port, security, user, from_address, from_name } = settings;
    return {
        enabled,
        host,
        port: String(port),
        security,
        user,
        password: '',
        from_address,
        from_name,
    };
}

/** Another way of encryption: with its usual port, unless the port is one of somebody's own. */
export function withSecurity(draft: MailDraft, security: MailSecurity): MailDraft {
    const usual = Object.values(USUAL).includes(draft.port);
    return { ...draft, security, port: usual ? USUAL[security] : draft.port };
}

export function changeOf(draft: MailDraft): MailChange {
    const user = draft.user.trim();
    return {
        enabled: draft.enabled,
        host: draft.host.trim(),
        // What is no number is for the server to refuse.
        port: /^\d{1,5}$/.test(draft.port.trim()) ? Number(draft.port.trim()) : 0,
        security: draft.security,
        user,
        // Without a user there is nothing to keep a password for.
        ...(draft.password === '' && user !== '' ? {} : { password: draft.password }),
        from_address: draft.from_address.trim(),
        from_name: draft.from_name.trim(),
    };
}
