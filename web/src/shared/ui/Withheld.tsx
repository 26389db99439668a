/** The organisation tells totals over many people only: what that leaves out of a page. */
import { useTranslation } from 'react-i18next';
import { useAccess } from '@/shared/api/access';

interface WithheldProps {
    /** An answer's `withheld`. */
    when: boolean | undefined;
    /** `sums`: some sums of others are in it; `own`: only one's own usage. */
    what: 'sums' | 'own';
}

export function Withheld({ when, what }: WithheldProps) {
    const { t } = useTranslation('common');
    const { me } = useAccess();
    return when ? (
        <div className="banner" role="note">
            {t(`withheld.${what}`, { count: me?.minimum_people ?? 0 })}
        </div>
    ) : null;
}
