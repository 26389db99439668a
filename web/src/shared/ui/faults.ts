/** What the server says is wrong with a form: at its fields, and the rest. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/shared/api/problem';

export interface Faults {
    /** By the field's name. */
    fields: Record<string, string>;
    /** What belongs to no field; null when there is nothing else. */
    rest: string | null;
}

export const NO_FAULTS: Faults = { fields: {}, rest: null };

/** Sentences of the server that people meet often, by a piece of them; others are shown as they come. */
const KNOWN = [
    [/12 characters/, 'fault.too_short'],
    [/1024 bytes/, 'fault.too_long'],
    [/tried first/, 'fault.common'],
    [/list of breached passwords cannot/, 'fault.unread'],
    [/breached/, 'fault.breached'],
    [/repeats itself|keyboard/, 'fault.simple'],
    [/little more than a name/, 'fault.personal'],
    [/cannot be typed|control characters/, 'fault.not_text'],
    [/1 to 64 of/, 'fault.username'],
    [/name is reserved|name is taken/, 'fault.taken'],
    [/another account has this address|another account's/, 'fault.other'],
    [/last active enterprise account/, 'fault.last_enterprise'],
    [/last account that can sign in when the provider is down/, 'fault.last_glass'],
    [/keeps its password for emergencies/, 'fault.no_glass'],
    [/being changed already/, 'fault.changing'],
    [/prints no new master key/, 'fault.no_new_key'],
    [/registration is off|registration is not open/, 'fault.no_registration'],
    [/ended or was rotated already/, 'fault.key'],
    [/provider cannot be reached/, 'fault.provider'],
    [/disable that one first/, 'fault.factor_there'],
    [/there is no second factor|no second factor is being set up/, 'fault.factor_gone'],
    [/teams below this one/, 'fault.teams_below'],
    [/not a mail address/, 'fault.email'],
    [/link was used/, 'fault.link'],
    [/is the clock/, 'fault.code'],
    [/too many attempts/, 'fault.wait'],
    [/^busy/, 'fault.busy'],
    [/confirm with your password|sign in again at the provider/, 'fault.unproved'],
    [/is wrong/, 'fault.wrong'],
    [/is needed/, 'fault.needed'],
] as const;

/** Splits what the server said: `errors`, or a detail like "password: is wrong". */
export function splitFaults(error: unknown): Faults & { status: number } {
    const problem = asProblem(error);
    if (!problem) return { ...NO_FAULTS, status: 200 };
    const fields: Record<string, string> = {};
    for (const { path, message } of problem.errors) {
        const name = path.replace(/^\/?(body[./])?/, '').split(/[./]/)[0] ?? '';
        if (name) fields[name] ??= message;
    }
    if (Object.keys(fields).length > 0) return { fields, rest: null, status: problem.status };
    const named = /^([a-z_]+): (.+)$/s.exec(problem.detail);
    if (named?.[1] && named[2]) {
        return { fields: { [named[1]]: named[2] }, rest: null, status: problem.status };
    }
    return { fields, rest: problem.detail, status: problem.status };
}

/** The faults in the person's language. `own`: the form's fields; what the server says of others is the rest. */
export function useFaults(): (error: unknown, own: readonly string[]) => Faults {
    const { t } = useTranslation('common');
    return useCallback(
        (error: unknown, own: readonly string[]) => {
            if (!error) return NO_FAULTS;
            const { fields, rest, status } = splitFaults(error);
            const say = (text: string) => {
                const known = KNOWN.find(([pattern]) => pattern.test(text));
                return known ? t(known[1]) : text;
            };
            const shown: Faults = { fields: {}, rest: null };
            for (const [name, text] of Object.entries(fields)) {
                if (own.includes(name)) shown.fields[name] = say(text);
                else shown.rest = say(text);
            }
            if (Object.keys(shown.fields).length === 0 && !shown.rest) {
                if (status === 0) shown.rest = t('error.unreachable');
                else if (status >= 500 && !rest) shown.rest = t('error.server');
                else if (status === 403) shown.rest = rest ? say(rest) : t('error.forbidden');
                else shown.rest = rest ? say(rest) : t('error.refused');
            }
            return shown;
        },
        [t],
    );
}
