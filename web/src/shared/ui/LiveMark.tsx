import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { useStreamStatus } from '@/shared/stream/client';

interface LiveMarkProps {
    /** RFC 3339 time of the newest usage known, when the page knows it. */
    newest?: string | null;
}

/** Live and how old the newest event is, or since when the connection is gone. */
export function LiveMark({ newest }: LiveMarkProps) {
    const { t } = useTranslation('common');
    const format = useFormat();
    const status = useStreamStatus();
    const now = useNow(1000);
    if (status.state === 'lost') {
        return (
            <span className="live live-lost" role="status">
                <span className="live-dot" />
                <span className="live-text">
                    {t('live.lost', { time: format.clock(status.since, true) })}
                </span>
            </span>
        );
    }
    const newestAt = newest ? Date.parse(newest) : null;
    const at = Math.max(newestAt ?? 0, status.lastEvent ?? 0);
    const text =
        status.state === 'connecting'
            ? t('live.connecting')
            : at > 0
              ? t('live.open_age', { age: format.ago(now - at) })
              : t('live.open');
    return (
        <span className={status.state === 'open' ? 'live' : 'live live-lost'} title={text}>
            <span className="live-dot" />
            <span className="live-text">{text}</span>
            <span className="sr-only">{text}</span>
        </span>
    );
}
