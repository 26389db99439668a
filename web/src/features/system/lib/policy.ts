import type { Policy } from '@/shared/api/model';

export type Effect =
    | 'registration_open'
    | 'registration_off'
    | 'factor'
    | 'provider_only'
    | 'privacy'
    | 'audit_cut'
    | 'session_shorter'
    | 'idle_shorter';

/** What a change of the policy does to people beyond the form: said before it is saved. */
export function effectsOf(before: Policy, after: Policy): Effect[] {
    const effects: Effect[] = [];
    if (after.registration !== before.registration) {
        if (after.registration === 'domains') effects.push('registration_open');
        if (after.registration === 'off') effects.push('registration_off');
    }
    const needed = (['user', 'admin', 'enterprise'] as const).some(
        (role) => after[`require_2fa_${role}`] && !before[`require_2fa_${role}`],
    );
    if (needed) effects.push('factor');
    if (after.provider_only && !before.provider_only) effects.push('provider_only');
    if (
        after.privacy !== before.privacy ||
        (after.privacy === 'totals' && after.minimum_people !== before.minimum_people)
    ) {
        effects.push('privacy');
    }
    const kept = (days: number) => (days === 0 ? Number.POSITIVE_INFINITY : days);
    if (kept(after.audit_days) < kept(before.audit_days)) effects.push('audit_cut');
    if (after.session_days < before.session_days) effects.push('session_shorter');
    if (kept(after.idle_days) < kept(before.idle_days)) effects.push('idle_shorter');
    return effects;
}

export function samePolicy(a: Policy, b: Policy): boolean {
    return (Object.keys(a) as (keyof Policy)[]).every(
        (key) => JSON.stringify(a[key]) === JSON.stringify(b[key]),
    );
}

/** "@Example.org, " becomes "example.org"; nothing twice. */
export function tidyDomains(typed: readonly string[]): string[] {
    const tidy = typed
        .flatMap((one) => one.split(/[\s,;]+/))
        .map((one) => one.trim().toLowerCase().replace(/^@/, ''))
        .filter(Boolean);
    return [...new Set(tidy)];
}
