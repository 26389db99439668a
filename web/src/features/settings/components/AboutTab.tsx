import { useTranslation } from 'react-i18next';
import { useGetSourcesQuery, useGetVersionQuery } from '@/shared/api/generated';
import { useFormat } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { Panel } from '@/shared/ui/Panel';
import { SkeletonRows } from '@/shared/ui/Skeleton';
import { ErrorPanel } from '@/shared/ui/States';

export function AboutTab() {
    const { t } = useTranslation('settings');
    const format = useFormat();
    const now = useNow(60_000);
    const version = useGetVersionQuery();
    const sources = useGetSourcesQuery();
    const { data } = version;
    if (!data) {
        return (
            <Panel title={t('about.title')}>
                {version.error ? (
                    <ErrorPanel error={version.error} onRetry={version.refetch} />
                ) : (
                    <SkeletonRows rows={5} />
                )}
            </Panel>
        );
    }
    const facts: [string, string][] = [
        [t('about.version'), `${data.version} (${data.commit.slice(0, 12)})`],
        [
            t('about.started'),
            t('about.started_value', {
                time: format.fullTime(data.started_at),
                age: format.duration(Math.max(0, now - Date.parse(data.started_at))),
            }),
        ],
    ];
    if (sources.data) {
        facts.push(
            [t('about.data'), sources.data.data_dir],
            [t('about.database'), format.bytes(sources.data.database_bytes)],
            [t('about.schema'), format.count(sources.data.schema_version)],
        );
    }
    return (
        <Panel title={t('about.title')} sub={data.demo ? t('about.demo') : null}>
            <dl className="about">
                {facts.map(([name, value]) => (
                    <div key={name}>
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    </div>
                ))}
            </dl>
            <p className="setting-foot">{t('about.private')}</p>
            <p className="about-links">
                <a className="button" href="/api/docs">
                    {t('about.api')}
                </a>
                <a className="button" href="/metrics">
                    {t('about.metrics')}
                </a>
            </p>
        </Panel>
    );
}
