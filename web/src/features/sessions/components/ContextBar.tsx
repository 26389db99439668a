import { useTranslation } from 'react-i18next';
import { CONTEXT_TIGHT, contextShare } from '@/features/sessions/lib/figures';
import type { Session } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';

/** How full the context is now; a dash when the size or the window is not known. */
export function ContextBar({ session }: { session: Session }) {
    const { t } = useTranslation('sessions');
    const format = useFormat();
    const { context_tokens: tokens, context_window: window } = session;
    if (tokens === null) return <span title={t('context.unknown')}>—</span>;
    const share = contextShare(tokens, window);
    const text =
        window === null
            ? t('context.no_window', { tokens: format.count(tokens) })
            : t('context.of', {
                  tokens: format.count(tokens),
                  window: format.count(window),
                  share: format.percent(share ?? 0),
              });
    return (
        <span className="context-cell" title={text}>
            {share === null ? null : (
                <span className="context-bar" aria-hidden="true">
                    <span
                        className={share >= CONTEXT_TIGHT ? 'context-tight' : ''}
                        style={{ width: `${Math.min(1, share) * 100}%` }}
                    />
                </span>
            )}
            <span className={share !== null && share >= CONTEXT_TIGHT ? 'tone-warning' : ''}>
                {share === null ? format.tokens(tokens) : format.percent(share)}
            </span>
            <span className="sr-only">{text}</span>
        </span>
    );
}
