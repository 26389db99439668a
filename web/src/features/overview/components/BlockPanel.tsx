import { useTranslation } from 'react-i18next';
import type { Block, Overview } from '@/shared/api/model';
import { useFormat } from '@/shared/lib/format';
import { useNow } from '@/shared/lib/now';
import { Hint } from '@/shared/ui/Hint';
import { Meter } from '@/shared/ui/Meter';
import { Panel } from '@/shared/ui/Panel';
import { EmptyState } from '@/shared/ui/States';

interface BlockPanelProps {
    block: Block | null;
    state: Overview['state']['block'];
}

/** The five-hour window. The client does not report its limit, so all of it is an estimate. */
export function BlockPanel({ block, state }: BlockPanelProps) {
    const { t } = useTranslation('overview');
    return (
        <Panel
            title={t('block.title')}
            sub={
                <Hint mark text={t('block.estimate_full')}>
                    {t('block.estimate')}
                </Hint>
            }
        >
            {block ? (
                <BlockBody block={block} state={state} />
            ) : (
                <EmptyState title={t('block.none')} text={t('block.none_text')} />
            )}
        </Panel>
    );
}

function BlockBody({ block, state }: { block: Block; state: BlockPanelProps['state'] }) {
    const { t } = useTranslation('overview');
    const format = useFormat();
    const now = useNow(60_000);
    const left = Math.max(0, Date.parse(block.to) - now);
    const used = block.measures.total_tokens;
    const projected = block.projected_tokens ?? used;
    const scale = Math.max(1, block.yardstick_tokens ?? Math.max(used, projected));
    const tone = state === 'warning' || state === 'over' ? state : 'normal';
    const share = used / scale;
    const forecast = projected / scale;
    const ends = t('block.ends', { time: format.clock(block.to), left: format.duration(left) });
    return (
        <>
            <div className="block-line">
                <b>{t('block.used', { tokens: format.tokens(used) })}</b>
                <span>{ends}</span>
            </div>
            <Meter
                value={share}
                forecast={forecast}
                tone={tone}
                label={t('block.meter', {
                    used: format.percent(share),
                    forecast: format.percent(forecast),
                })}
            />
            <p className="block-note">
                {block.yardstick_tokens === null
                    ? t('block.forecast_plain', { tokens: format.tokens(projected) })
                    : t('block.forecast', {
                          tokens: format.tokens(projected),
                          share: format.percent(forecast),
                      })}
            </p>
            <dl className="facts">
                <div>
                    <dt>{t('block.cost')}</dt>
                    <dd>{format.money(block.measures.cost)}</dd>
                </div>
                <div>
                    <dt>{t('block.projected_cost')}</dt>
                    <dd>
                        {block.projected_cost === null ? '—' : format.money(block.projected_cost)}
                    </dd>
                </div>
                <div>
                    <dt>{t('block.rate')}</dt>
                    <dd>
                        {block.tokens_per_minute === null
                            ? '—'
                            : format.tokens(Math.round(block.tokens_per_minute))}
                    </dd>
                </div>
            </dl>
        </>
    );
}
