import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Notice } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { useEntityLabel } from '@/shared/ui/labels';
import { Panel } from '@/shared/ui/Panel';

/** What is new or wrong, and where to do something about it. */
export function NoticesPanel({ notices }: { notices: readonly Notice[] }) {
    const { t } = useTranslation('overview');
    return (
        <Panel title={t('notices.title')} sub={notices.length > 0 ? notices.length : null}>
            {notices.length === 0 ? (
                <p className="notices-none">{t('notices.none')}</p>
            ) : (
                <ul className="notices">
                    {notices.map((notice) => (
                        <NoticeItem key={JSON.stringify(notice)} notice={notice} />
                    ))}
                </ul>
            )}
        </Panel>
    );
}

function NoticeItem({ notice }: { notice: Notice }) {
    const { t } = useTranslation('overview');
    const { title, text, to } = useWords(notice);
    const body = (
        <>
            <SeverityMark severity={notice.severity} />
            <span>
                <span className="sr-only">{t(`severity.${notice.severity}`)} </span>
                {title}
                <small>{text}</small>
            </span>
        </>
    );
    return (
        <li>
            {to ? (
                <Link className="notice" to={to}>
                    {body}
                </Link>
            ) : (
                <div className="notice">{body}</div>
            )}
        </li>
    );
}

interface Words {
    title: string;
    text: string;
    to: string | null;
}

function useWords(notice: Notice): Words {
    const { t } = useTranslation('overview');
    const format = useFormat();
    const label = useEntityLabel();
    const { params } = notice;
    const model = params.model ? label('model', params.model) : '—';
    const count = params.count ?? 0;
    switch (notice.code) {
        case 'unpriced_model':
            return {
                title: t('notice.unpriced_model', { model }),
                text: t('notice.unpriced_model_text', {
                    tokens: format.tokens(params.tokens ?? 0),
                }),
                to: '/settings?tab=prices',
            };
        case 'bad_lines':
            return {
                title: t('notice.bad_lines', { count }),
                text: t('notice.bad_lines_text'),
                to: '/settings?tab=sources',
            };
        case 'limit_hit':
            return {
                title: t('notice.limit_hit'),
                text: params.resets_at
                    ? t('notice.limit_hit_text', { time: format.dateTime(params.resets_at) })
                    : t('notice.limit_hit_plain'),
                to: null,
            };
        case 'cleanup_soon':
            return {
                title: t('notice.cleanup_soon', { count: params.files ?? 0 }),
                text: t('notice.cleanup_soon_text', { count: params.days ?? 0 }),
                to: '/settings?tab=sources',
            };
        case 'new_model':
            return {
                title: t('notice.new_model', { model }),
                text: t('notice.new_model_text'),
                to: `/explore?${new URLSearchParams({ model: params.model ?? '' })}`,
            };
        case 'incomplete_output':
            return {
                title: t('notice.incomplete_output', { count }),
                text: t('notice.incomplete_output_text'),
                to: '/settings?tab=sources',
            };
        case 'unreadable_source':
            return {
                title: t('notice.unreadable_source'),
                text: [params.path, params.reason].filter(Boolean).join(' · '),
                to: '/settings?tab=sources',
            };
        case 'cost_spike':
            return {
                title: t('notice.cost_spike', {
                    project: label('project', params.project ?? ''),
                    ratio: format.count(Math.round((params.ratio ?? 0) * 10) / 10),
                }),
                text: t('notice.cost_spike_text'),
                to: `/explore?${new URLSearchParams({ project: params.project ?? '', range: 'today' })}`,
            };
        case 'backup_failed':
            return {
                title: t('notice.backup_failed'),
                text: params.reason ?? '',
                to: '/system?tab=backups',
            };
    }
}

/** The shape says it as well as the colour. */
function SeverityMark({ severity }: { severity: Notice['severity'] }) {
    return (
        <svg
            className={`severity severity-${severity}`}
            width="16"
            height="16"
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            aria-hidden="true"
        >
            {severity === 'warning' ? (
                <path d="M8 2.200 14.500 13.500h-13z" strokeLinejoin="round" />
            ) : severity === 'error' ? (
                <path d="M5 1.800h6L14.200 5v6L11 14.200H5L1.800 11V5z" strokeLinejoin="round" />
            ) : (
                <circle cx="8" cy="8" r="6.2" />
            )}
            <path d={severity === 'info' ? 'M8 7.200v4M8 4.600v1' : 'M8 6v3.500M8 11v1'} />
        </svg>
    );
}
