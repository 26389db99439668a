/** Where the texts are: one file per feature and language, each its own chunk, fetched once. */
const catalogues = import.meta.glob<{ default: Record<string, unknown> }>([
    '../../shared/locales/*.json',
    '../../features/*/locales/*.json',
]);

export async function readCatalogue(language: string, namespace: string) {
    const folder =
        namespace === 'common' ? '../../shared/locales' : `../../features/${namespace}/locales`;
    const load = catalogues[`${folder}/${language}.json`];
    if (!load) throw new Error(`no catalogue ${namespace} for ${language}`);
    return (await load()).default;
}
