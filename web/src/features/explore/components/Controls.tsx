/** What is measured, by what, in which steps and how it is drawn. */
import { useTranslation } from 'react-i18next';
import type { Bucket, BucketChoice, Metric } from '@/shared/api/generated';
import { Choice } from '@/shared/ui/Choice';
import { FilterBar } from '@/shared/ui/FilterBar';
import { Caret, Popover } from '@/shared/ui/Popover';
import { offeredBuckets } from '../buckets';
import type { Group } from '../metrics';
import { fittingGroup, METRICS, offeredGroups, stackable } from '../metrics';
import type { Explore } from '../useExplore';
import type { Shape } from '../view';
import { offeredShapes } from '../view';

interface ControlsProps {
    explore: Explore;
    /** The width the server chose, while it is left to it. */
    chosenBucket: Bucket | null;
}

export function Controls({ explore, chosenBucket }: ControlsProps) {
    const { t } = useTranslation(['explore', 'common']);
    const { view, change, filters, setFilters, scope, span, tools, facets } = explore;
    const shapes = offeredShapes(stackable(view.metric, view.group));
    const choose = (metric: Metric) => change({ metric, group: fittingGroup(metric, view.group) });
    const main = METRICS.filter((metric) => metric.main);
    const rest = METRICS.filter((metric) => !metric.main);
    const buckets = offeredBuckets(span, tools);
    const bucket = buckets.includes(view.bucket) ? view.bucket : 'auto';
    const bucketText = (one: BucketChoice) =>
        one === 'auto' && chosenBucket
            ? t('bucket.auto_of', { bucket: t(`bucket.${chosenBucket}`) })
            : t(`bucket.${one}`);
    return (
        <div className="explore-controls" role="group" aria-label={t('controls.title')}>
            <div className="explore-metric wide-only">
                <Choice
                    name={t('controls.metric')}
                    options={main.map(({ id }) => ({ value: id, label: t(`metric.${id}`) }))}
                    value={view.metric}
                    onChange={choose}
                />
                <MetricMenu
                    metrics={rest}
                    metric={view.metric}
                    onChoose={choose}
                    label={
                        rest.some(({ id }) => id === view.metric)
                            ? t(`metric.${view.metric}`)
                            : t('controls.more')
                    }
                />
            </div>
            <div className="phone-only">
                <MetricMenu
                    metrics={METRICS}
                    metric={view.metric}
                    onChoose={choose}
                    label={t(`metric.${view.metric}`)}
                />
            </div>
            <span className="explore-pair">
                <span aria-hidden="true">{t('controls.by')}</span>
                <Menu<Group>
                    name={t('controls.group')}
                    options={offeredGroups(view.metric, view.group, facets)}
                    value={view.group}
                    text={(group) =>
                        group === 'none' ? t('controls.whole') : t(`common:dimension.${group}`)
                    }
                    onChoose={(group) => change({ group })}
                />
            </span>
            <span className="explore-pair">
                <span aria-hidden="true">{t('controls.per')}</span>
                <Menu<BucketChoice>
                    name={t('controls.bucket')}
                    options={buckets}
                    value={bucket}
                    text={bucketText}
                    onChoose={(one) => change({ bucket: one })}
                />
            </span>
            <Choice<Shape>
                name={t('controls.shape')}
                options={shapes.map((shape) => ({ value: shape, label: t(`shape.${shape}`) }))}
                value={view.shape}
                onChange={(shape) => change({ shape })}
            />
            <FilterBar filters={filters} onChange={setFilters} scope={scope} />
            <button
                type="button"
                className="chip explore-compare"
                aria-pressed={view.compare}
                onClick={() => change({ compare: !view.compare })}
            >
                <span className="explore-check" aria-hidden="true">
                    {view.compare ? '✓' : ''}
                </span>
                {t('controls.compare')}
            </button>
        </div>
    );
}

interface MetricMenuProps {
    metrics: readonly { id: Metric }[];
    metric: Metric;
    label: string;
    onChoose: (metric: Metric) => void;
}

function MetricMenu({ metrics, metric, label, onChoose }: MetricMenuProps) {
    const { t } = useTranslation(['explore', 'common']);
    const active = metrics.some(({ id }) => id === metric);
    return (
        <Popover
            name={t('controls.metric')}
            buttonClass={active ? 'button explore-active' : 'button'}
            label={
                <>
                    {label} <Caret />
                </>
            }
        >
            {(close) =>
                metrics.map(({ id }) => (
                    <button
                        key={id}
                        type="button"
                        className="menu-item"
                        aria-pressed={id === metric}
                        onClick={() => {
                            onChoose(id);
                            close();
                        }}
                    >
                        {t(`metric.${id}`)}
                    </button>
                ))
            }
        </Popover>
    );
}

interface MenuProps<T extends string> {
    name: string;
    options: readonly T[];
    value: T;
    text: (value: T) => string;
    onChoose: (value: T) => void;
}

function Menu<T extends string>({ name, options, value, text, onChoose }: MenuProps<T>) {
    return (
        <Popover
            name={name}
            title={`${name}: ${text(value)}`}
            label={
                <>
                    {text(value)} <Caret />
                </>
            }
        >
            {(close) =>
                options.map((option) => (
                    <button
                        key={option}
                        type="button"
                        className="menu-item"
                        aria-pressed={option === value}
                        onClick={() => {
                            onChoose(option);
                            close();
                        }}
                    >
                        {text(option)}
                    </button>
                ))
            }
        </Popover>
    );
}
