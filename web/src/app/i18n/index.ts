/** Texts: one catalogue per feature and language, loaded when the feature is. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { readCatalogue } from '@/app/i18n/catalogues';
import type { Language } from '@/shared/lib/format';

export async function startTexts(language: Language, namespaces: string[]): Promise<void> {
    const first = await Promise.all(
        namespaces.map(async (one) => [one, await readCatalogue(language, one)] as const),
    );
    await i18next
        .use({
            type: 'backend',
            init: () => undefined,
            read: (
                lng: string,
                namespace: string,
                done: (failure: unknown, data: Record<string, unknown> | null) => void,
            ) => {
                readCatalogue(lng, namespace).then(
                    (data) => done(null, data),
                    (failure) => done(failure, null),
                );
            },
        })
        .use(initReactI18next)
        .init({
            lng: language,
            fallbackLng: false,
            supportedLngs: ['zh-CN', 'en'],
            load: 'currentOnly',
            ns: namespaces,
            defaultNS: 'common',
            resources: { [language]: Object.fromEntries(first) },
            partialBundledLanguages: true,
            interpolation: { escapeValue: false },
            returnNull: false,
            showSupportNotice: false,
        } as Parameters<typeof i18next.init>[0]);
}

export async function loadTexts(namespace: string): Promise<void> {
    await i18next.loadNamespaces(namespace);
}
