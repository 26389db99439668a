/** What a key of a dimension is called: a model's family and version, a project's folder, "none". */
import type { TFunction } from 'i18next';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { WITHHELD } from '@/shared/charts/prepare/withheld';
import { modelName } from '@/shared/lib/models';

/** The last folder of a path; the whole when there is none. */
export function folderName(path: string): string {
    const parts = path.split(/[\\/]/).filter(Boolean);
    return parts[parts.length - 1] ?? path;
}

/** What the server puts in place of a name: alone, or inside a path or a branch. */
const PSEUDONYM = /\bMember-([A-Z2-7]{6})(?![A-Za-z0-9])/g;

/** "Member-K7QF2A" in the page's language, wherever it stands. */
export function withPseudonyms(t: TFunction<'common'>, text: string): string {
    return text.replace(PSEUDONYM, (_, code: string) => t('entity.member', { code }));
}

export function hasPseudonym(text: string): boolean {
    return text.search(PSEUDONYM) >= 0;
}

export function entityLabel(
    t: TFunction<'common'>,
    dimension: string,
    key: string,
    label?: string,
): string {
    return withPseudonyms(t, plainLabel(t, dimension, key, label));
}

function plainLabel(
    t: TFunction<'common'>,
    dimension: string,
    key: string,
    label?: string,
): string {
    if (key === '__other__') return t('entity.other');
    if (key === WITHHELD) return t('entity.withheld');
    if (key === '') return dimension === 'tool' ? t('entity.no_tool') : t('entity.none');
    switch (dimension) {
        case 'model':
            return label && label !== key ? label : modelName(key);
        case 'project':
            return label && label !== key ? label : folderName(key);
        case 'session':
            return label && label !== key ? label : key.slice(0, 8);
        case 'kind':
            if (key === 'main' || key === 'subagent' || key === 'auxiliary') {
                return t(`kind.${key}`);
            }
            return label ?? key;
        case 'speed':
            return key === 'fast' || key === 'standard' ? t(`speed.${key}`) : (label ?? key);
        default:
            return label || key;
    }
}

export function useEntityLabel(): (dimension: string, key: string, label?: string) => string {
    const { t } = useTranslation('common');
    return useCallback(
        (dimension: string, key: string, label?: string) => entityLabel(t, dimension, key, label),
        [t],
    );
}
