import { expect, test } from 'vitest';
import { problemFrom } from '@/shared/api/problem';
import { splitFaults } from './faults';

const problem = (body: unknown, status = 400) => problemFrom(status, JSON.stringify(body));

test('what the server says of a field stands at the field', () => {
    expect(
        splitFaults(problem({ errors: [{ path: '/password', message: 'is too short' }] })).fields,
    ).toEqual({ password: 'is too short' });
    expect(splitFaults(problem({ detail: 'email: is not a mail address' }))).toMatchObject({
        fields: { email: 'is not a mail address' },
        rest: null,
    });
});

test('the first fault of a field counts, and lists are their field', () => {
    const { fields } = splitFaults(
        problem({
            errors: [
                { path: 'domains/0', message: 'first' },
                { path: 'domains/1', message: 'second' },
            ],
        }),
    );
    expect(fields).toEqual({ domains: 'first' });
});

test('other sentences belong to the form', () => {
    expect(splitFaults(problem({ detail: 'this link was used: sorry' }, 404))).toEqual({
        fields: {},
        rest: 'this link was used: sorry',
        status: 404,
    });
});
