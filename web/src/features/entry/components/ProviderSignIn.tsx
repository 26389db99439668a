/** The way in through an identity provider, and what is said when somebody comes back from it without being signed in. */
import { useTranslation } from 'react-i18next';
import { safeTarget } from '@/shared/lib/entry';

const PROBLEMS = [
    'not_set',
    'unreachable',
    'busy',
    'expired',
    'denied',
    'provider',
    'domain',
    'groups',
    'strength',
    'account',
] as const;

interface ProviderSignInProps {
    name: string;
    /** The page to go on to. */
    wanted: string | null;
    /** There is no other way in. */
    only?: boolean;
}

/** A link, not a form: the server answers with the provider's address, and the page's policy lets no form go there. */
export function ProviderSignIn({ name, wanted, only = false }: ProviderSignInProps) {
    const { t } = useTranslation('entry');
    const target = safeTarget(wanted, location.origin);
    return (
        <a
            className={`button entry-submit ${only ? 'button-primary' : 'entry-provider'}`}
            href={`/api/v1/auth/oidc/start?${new URLSearchParams({ return_to: target })}`}
        >
            {t('provider.continue', { name })}
        </a>
    );
}

/** The sentence for `?problem=` in the address; null when there is none. */
export function useProviderProblem(code: string | null): string | null {
    const { t } = useTranslation('entry');
    if (code === null) return null;
    const known = PROBLEMS.find((one) => one === code);
    return known ? t(`provider.problem.${known}`) : t('provider.problem.provider');
}
