import 'i18next';
import type explore from '../../features/explore/locales/en.json';
import type overview from '../../features/overview/locales/en.json';
import type sessions from '../../features/sessions/locales/en.json';
import type settings from '../../features/settings/locales/en.json';
import type common from '../../shared/locales/en.json';

declare module 'i18next' {
    interface CustomTypeOptions {
        defaultNS: 'common';
        resources: {
            common: typeof common;
            overview: typeof overview;
            explore: typeof explore;
            sessions: typeof sessions;
            settings: typeof settings;
        };
    }
}
