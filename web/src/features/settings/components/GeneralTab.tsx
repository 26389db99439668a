import { InputNumber, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Row } from '@/features/settings/components/Row';
import { useAccess } from '@/shared/api/access';
import type { Settings } from '@/shared/api/model';
import { asProblem } from '@/shared/api/problem';
import { useChangeSettings, useSettings } from '@/shared/api/settings';
import { useFormat, usePreferences } from '@/shared/lib/format';
import { moneyTable } from '@/shared/lib/money';
import { timeFormat } from '@/shared/lib/time';
import { browserZone } from '@/shared/lib/zone';
import { Choice } from '@/shared/ui/Choice';
import { Panel } from '@/shared/ui/Panel';

const CURRENCIES = [
    'USD',
    'CNY',
    'EUR',
    'GBP',
    'JPY',
    'HKD',
    'TWD',
    'SGD',
    'KRW',
    'INR',
    'AUD',
    'CAD',
    'CHF',
    'BRL',
];
const SAMPLE_USD = 48.27;
/** A Sunday: the week's days are named from it. */
const SUNDAY = Date.UTC(2026, 0, 4);
const DAY = 86_400_000;

export function GeneralTab() {
    const { t } = useTranslation(['settings', 'common']);
    const { language, zone } = usePreferences();
    const settings = useSettings();
    const { save, message } = useSaving();
    const { state, may } = useAccess();
    const shared = may('manage_all');
    const zones = useMemo(
        () => [
            { value: '', label: t('zone.machine', { zone: browserZone() }) },
            ...Intl.supportedValuesOf('timeZone').map((one) => ({ value: one, label: one })),
        ],
        [t],
    );
    const days = Array.from({ length: 7 }, (_, day) => ({
        value: day,
        label: timeFormat(language, 'UTC', { weekday: 'long' }).format(SUNDAY + day * DAY),
    }));
    return (
        <div className="stack">
            <Panel title={t('look.title')}>
                <Row title={t('look.language')} text={t('look.language_text')}>
                    <Choice
                        name={t('look.language')}
                        options={[
                            { value: 'auto', label: t('look.language_auto') },
                            { value: 'zh-CN', label: t('common:language.zh-CN') },
                            { value: 'en', label: t('common:language.en') },
                        ]}
                        value={settings.language}
                        onChange={(value) => save({ language: value })}
                    />
                </Row>
                <Row title={t('look.theme')}>
                    <Choice
                        name={t('look.theme')}
                        options={(['auto', 'light', 'dark'] as const).map((value) => ({
                            value,
                            label: t(`common:theme.${value}`),
                        }))}
                        value={settings.theme}
                        onChange={(value) => save({ theme: value })}
                    />
                </Row>
            </Panel>
            {shared ? null : (
                <p className="banner" role="note">
                    {t('shared.text')}
                </p>
            )}
            <Panel title={t('time.title')}>
                <Row
                    title={t('zone.title')}
                    text={t('zone.text', {
                        time: timeFormat(language, zone, {
                            dateStyle: 'medium',
                            timeStyle: 'short',
                        }).format(Date.now()),
                    })}
                >
                    <Select
                        className="wide-control"
                        aria-label={t('zone.title')}
                        disabled={!shared}
                        showSearch={{ optionFilterProp: 'label' }}
                        options={zones}
                        value={settings.time_zone ?? ''}
                        onChange={(value) => save({ time_zone: value || null })}
                    />
                </Row>
                <Row title={t('week.title')} text={t('week.text')}>
                    <Select
                        className="wide-control"
                        aria-label={t('week.title')}
                        disabled={!shared}
                        options={days}
                        value={settings.week_start}
                        onChange={(value) => save({ week_start: value })}
                    />
                </Row>
            </Panel>
            <Panel title={t('money.title')}>
                <Currency
                    key={`${settings.currency} ${settings.exchange_rate?.rate ?? ''}`}
                    settings={settings}
                    locked={!shared}
                    save={save}
                />
            </Panel>
            {state?.open ? (
                <Panel title={t('protect.title')}>
                    <p className="panel-text">{t('protect.text')}</p>
                    <p className="protect-command">
                        <code className="command">tidemark user setup-link</code>
                    </p>
                </Panel>
            ) : null}
            <p className="saving" role="status">
                {message}
            </p>
        </div>
    );
}

function useSaving() {
    const { t } = useTranslation('settings');
    const change = useChangeSettings();
    const [message, setMessage] = useState('');
    const save = (patch: Partial<Settings>) => {
        change(patch).then(
            () => setMessage(t('saved')),
            (failure: unknown) => {
                const problem = asProblem(failure);
                const reason = problem?.errors[0]?.message || problem?.detail || t('no_answer');
                setMessage(t('not_saved', { reason }));
            },
        );
    };
    return { save, message };
}

interface CurrencyProps {
    settings: Settings;
    /** Others set it. */
    locked: boolean;
    save: (patch: Partial<Settings>) => void;
}

/** Currency, rate and the rate's date belong together, so they are saved together. */
function Currency({ settings, locked, save }: CurrencyProps) {
    const { t } = useTranslation('settings');
    const { language } = usePreferences();
    const format = useFormat();
    const [currency, setCurrency] = useState(settings.currency);
    const [rate, setRate] = useState<number | null>(settings.exchange_rate?.rate ?? null);
    const [asOf, setAsOf] = useState(
        settings.exchange_rate?.as_of.slice(0, 10) ?? new Date().toISOString().slice(0, 10),
    );
    const names = useMemo(() => new Intl.DisplayNames(language, { type: 'currency' }), [language]);
    const foreign = currency !== 'USD' && !locked;
    const valid = rate !== null && rate > 0 && asOf !== '';
    const preview = valid ? moneyTable(SAMPLE_USD, { currency, rate, language }) : null;
    return (
        <>
            <Row title={t('money.currency')} text={t('money.text')}>
                <Select
                    className="wide-control"
                    aria-label={t('money.currency')}
                    disabled={locked}
                    showSearch={{ optionFilterProp: 'label' }}
                    options={CURRENCIES.map((value) => ({
                        value,
                        label: `${value} · ${names.of(value) ?? value}`,
                    }))}
                    value={currency}
                    onChange={(value) => {
                        setCurrency(value);
                        setRate(null);
                        if (value === 'USD') save({ currency: 'USD', exchange_rate: null });
                    }}
                />
            </Row>
            {foreign ? (
                <Row
                    title={t('money.rate', { currency })}
                    text={
                        preview
                            ? t('money.preview', { usd: '$48.27', shown: preview })
                            : t('money.rate_text')
                    }
                >
                    <div className="rate">
                        <InputNumber
                            aria-label={t('money.rate', { currency })}
                            min={0}
                            step={0.01}
                            value={rate}
                            onChange={setRate}
                        />
                        <input
                            className="input"
                            type="date"
                            aria-label={t('money.as_of')}
                            value={asOf}
                            onChange={(event) => setAsOf(event.target.value)}
                        />
                        <button
                            type="button"
                            className="button button-primary"
                            disabled={!valid}
                            onClick={() =>
                                rate === null
                                    ? undefined
                                    : save({ currency, exchange_rate: { rate, as_of: asOf } })
                            }
                        >
                            {t('money.save')}
                        </button>
                    </div>
                </Row>
            ) : null}
            {settings.exchange_rate && settings.currency !== 'USD' ? (
                <p className="setting-foot">
                    {t('money.in_force', {
                        rate: format.count(settings.exchange_rate.rate),
                        currency: settings.currency,
                        date: settings.exchange_rate.as_of.slice(0, 10),
                    })}
                </p>
            ) : null}
        </>
    );
}
