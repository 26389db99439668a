import 'i18next';
import type account from '../../features/account/locales/en.json';
import type audit from '../../features/audit/locales/en.json';
import type entry from '../../features/entry/locales/en.json';
import type explore from '../../features/explore/locales/en.json';
import type overview from '../../features/overview/locales/en.json';
import type people from '../../features/people/locales/en.json';
import type sessions from '../../features/sessions/locales/en.json';
import type settings from '../../features/settings/locales/en.json';
import type system from '../../features/system/locales/en.json';
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
            entry: typeof entry;
            account: typeof account;
            people: typeof people;
            audit: typeof audit;
            system: typeof system;
        };
    }
}
