import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/shared/api/problem';

interface EmptyStateProps {
    title: string;
    /** What would fill this place. */
    text?: ReactNode;
    /** The one command or button that does. */
    action?: ReactNode;
}

export function EmptyState({ title, text, action }: EmptyStateProps) {
    return (
        <div className="state">
            <strong>{title}</strong>
            {text ? <p>{text}</p> : null}
            {action}
        </div>
    );
}

interface ErrorPanelProps {
    /** A query's `error`. */
    error: unknown;
    onRetry?: () => void;
}

/** What failed, what to do, and a way to try again. */
export function ErrorPanel({ error, onRetry }: ErrorPanelProps) {
    const { t } = useTranslation('common');
    const problem = asProblem(error);
    const status = problem?.status ?? 0;
    const title =
        status === 0
            ? t('error.unreachable')
            : status === 403
              ? t('error.forbidden')
              : status === 404
                ? t('error.not_found')
                : status >= 500 || status < 0
                  ? t('error.server')
                  : t('error.refused');
    const advice =
        status === 0
            ? t('error.unreachable_advice')
            : status >= 500 || status < 0
              ? t('error.server_advice')
              : status === 403
                ? t('error.forbidden_advice')
                : problem?.detail || problem?.errors[0]?.message || t('error.refused_advice');
    return (
        <div className="state" role="alert">
            <strong>{title}</strong>
            <p>{advice}</p>
            {problem?.requestId ? (
                <span className="state-detail">
                    {t('error.request', { id: problem.requestId })}
                </span>
            ) : null}
            {onRetry ? (
                <button type="button" className="button" onClick={onRetry}>
                    {t('error.retry')}
                </button>
            ) : null}
        </div>
    );
}
