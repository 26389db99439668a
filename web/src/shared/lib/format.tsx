/** How this person wants figures and times: language, zone, week start, currency. */
import { createContext, useContext, useMemo } from 'react';
import type { MoneyView } from '@/shared/lib/money';
import { moneyAxis, moneyFull, moneyShort, moneyTable, shownCurrency } from '@/shared/lib/money';
import type { Scaled } from '@/shared/lib/quantity';
import {
    bytesText,
    countFull,
    percent,
    scaled,
    scaledText,
    signedPercent,
} from '@/shared/lib/quantity';
import {
    agoText,
    clockText,
    dateText,
    dateTimeText,
    durationText,
    fullDateText,
    fullTimeText,
    nearTimeText,
} from '@/shared/lib/time';
import { browserZone } from '@/shared/lib/zone';

export type Language = 'zh-CN' | 'en';

export interface Preferences {
    language: Language;
    /** IANA name */
    zone: string;
    /** 0 Sunday to 6 Saturday */
    weekStart: number;
    currency: string;
    rate: { rate: number; as_of: string } | null;
    theme: 'light' | 'dark';
}

export const PreferencesContext = createContext<Preferences>({
    language: 'en',
    zone: browserZone(),
    weekStart: 1,
    currency: 'USD',
    rate: null,
    theme: 'light',
});

export function usePreferences(): Preferences {
    return useContext(PreferencesContext);
}

export interface Format {
    /** The currency figures are shown in, after the rate. */
    currency: string;
    money(usd: number): string;
    moneyTable(usd: number): string;
    moneyFull(usd: number): string;
    moneyAxis(usd: number): string;
    tokens(count: number): string;
    tokensParts(count: number): Scaled;
    count(count: number): string;
    percent(ratio: number, digits?: number): string;
    /** With its sign. */
    change(ratio: number): string;
    /** Without: for use beside an arrow. */
    changeSize(ratio: number): string;
    bytes(count: number): string;
    duration(milliseconds: number): string;
    ago(milliseconds: number): string;
    clock(time: string | number, seconds?: boolean): string;
    date(time: string | number): string;
    fullDate(time: string | number): string;
    dateTime(time: string | number): string;
    nearTime(time: string | number, now: number): string;
    fullTime(time: string | number): string;
}

export type Unit = 'usd' | 'tokens' | 'count' | 'ratio' | 'ms';

export function makeFormat(preferences: Preferences): Format {
    const { language, zone } = preferences;
    const view: MoneyView = {
        currency: preferences.currency,
        rate: preferences.currency === 'USD' ? null : (preferences.rate?.rate ?? null),
        language,
    };
    return {
        currency: shownCurrency(view),
        money: (usd) => moneyShort(usd, view),
        moneyTable: (usd) => moneyTable(usd, view),
        moneyFull: (usd) => moneyFull(usd, view),
        moneyAxis: (usd) => moneyAxis(usd, view),
        tokens: (count) => scaledText(count),
        tokensParts: (count) => scaled(count),
        count: (count) => countFull(count),
        percent: (ratio, digits) => percent(ratio, digits),
        change: (ratio) => signedPercent(ratio),
        changeSize: (ratio) => signedPercent(ratio).replace(/^[+\-−]/, ''),
        bytes: (count) => bytesText(count),
        duration: (milliseconds) => durationText(milliseconds, language),
        ago: (milliseconds) => agoText(milliseconds, language),
        clock: (time, seconds) => clockText(time, language, zone, seconds),
        date: (time) => dateText(time, language, zone),
        fullDate: (time) => fullDateText(time, language, zone),
        dateTime: (time) => dateTimeText(time, language, zone),
        nearTime: (time, now) => nearTimeText(time, now, language, zone),
        fullTime: (time) => fullTimeText(time, language, zone),
    };
}

export function useFormat(): Format {
    const preferences = usePreferences();
    return useMemo(() => makeFormat(preferences), [preferences]);
}

/** A figure of a series in its own unit; null is unknown. `axis` drops digits that say nothing. */
export function formatUnit(
    format: Format,
    unit: Unit,
    value: number | null,
    place: 'axis' | 'table' | 'full' = 'table',
): string {
    if (value === null) return '—';
    switch (unit) {
        case 'usd':
            if (place === 'axis') return format.moneyAxis(value);
            return place === 'full' ? format.moneyFull(value) : format.moneyTable(value);
        case 'tokens':
            return place === 'full' ? format.count(value) : format.tokens(value);
        case 'count':
            return place === 'axis' ? format.tokens(value) : format.count(value);
        case 'ratio':
            return format.percent(value, place === 'axis' ? 0 : 1);
        case 'ms':
            return format.duration(value);
    }
}
