/** Settings as the server keeps them, and what they mean in this browser. Also runs before the application. */
import type { Language, Preferences } from '@/shared/lib/format';
import { browserZone, isZone } from '@/shared/lib/zone';

export interface StoredSettings {
    time_zone: string | null;
    week_start: number;
    currency: string;
    exchange_rate: { rate: number; as_of: string } | null;
    language: 'auto' | 'zh-CN' | 'en';
    theme: 'auto' | 'light' | 'dark';
}

export const DEFAULT_SETTINGS: StoredSettings = {
    time_zone: null,
    week_start: 1,
    currency: 'USD',
    exchange_rate: null,
    language: 'auto',
    theme: 'auto',
};

const STORAGE = 'tidemark.settings';

/** The last known settings, so that the first paint is already right. */
export function readStoredSettings(): StoredSettings {
    try {
        const value: unknown = JSON.parse(localStorage.getItem(STORAGE) ?? '{}');
        return { ...DEFAULT_SETTINGS, ...(value as Partial<StoredSettings>) };
    } catch {
        return DEFAULT_SETTINGS;
    }
}

export function storeSettings(settings: StoredSettings): void {
    try {
        localStorage.setItem(STORAGE, JSON.stringify(settings));
    } catch {
        // A browser that keeps nothing asks the server each time.
    }
}

/** What a person chose for this browser, over what the server has for all. */
export type OwnLook = Partial<Pick<StoredSettings, 'language' | 'theme'>>;

const OWN_LOOK = 'tidemark.look';
export const LOOK_CHANGED = 'tidemark-look';

export function ownLook(settings: StoredSettings): StoredSettings {
    try {
        const look = JSON.parse(localStorage.getItem(OWN_LOOK) ?? '{}') as OwnLook;
        return {
            ...settings,
            ...(look.language ? { language: look.language } : {}),
            ...(look.theme ? { theme: look.theme } : {}),
        };
    } catch {
        return settings;
    }
}

export function storeOwnLook(look: OwnLook): void {
    try {
        const before = JSON.parse(localStorage.getItem(OWN_LOOK) ?? '{}') as OwnLook;
        localStorage.setItem(OWN_LOOK, JSON.stringify({ ...before, ...look }));
    } catch {
        // Then it is as the server says.
    }
    window.dispatchEvent(new Event(LOOK_CHANGED));
}

export interface SystemLook {
    dark: boolean;
    languages: readonly string[];
}

export function systemLook(): SystemLook {
    return {
        dark: matchMedia('(prefers-color-scheme: dark)').matches,
        languages: navigator.languages,
    };
}

export function chosenLanguage(settings: StoredSettings, system: SystemLook): Language {
    if (settings.language !== 'auto') return settings.language;
    for (const language of system.languages) {
        if (language.toLowerCase().startsWith('zh')) return 'zh-CN';
        if (language.toLowerCase().startsWith('en')) return 'en';
    }
    return 'en';
}

export function chosenTheme(settings: StoredSettings, system: SystemLook): 'light' | 'dark' {
    if (settings.theme !== 'auto') return settings.theme;
    return system.dark ? 'dark' : 'light';
}

export function chosenZone(settings: StoredSettings): string {
    const zone = settings.time_zone;
    return zone && isZone(zone) ? zone : browserZone();
}

export function preferencesFrom(settings: StoredSettings, system: SystemLook): Preferences {
    return {
        language: chosenLanguage(settings, system),
        zone: chosenZone(settings),
        weekStart: settings.week_start,
        currency: settings.currency,
        rate: settings.exchange_rate,
        theme: chosenTheme(settings, system),
    };
}

/** Puts theme and language on the document, where CSS and screen readers look for them. */
export function dressDocument(preferences: Pick<Preferences, 'language' | 'theme'>): void {
    const root = document.documentElement;
    root.dataset['theme'] = preferences.theme;
    root.lang = preferences.language;
}
