import { Avatar } from '@/shared/ui/Avatar';

interface Named {
    username: string;
    display_name: string;
}

export function shownName({ display_name, username }: Named): string {
    return display_name || username;
}

export function PersonName({ person }: { person: Named }) {
    const name = shownName(person);
    return (
        <span className="person-name">
            <Avatar name={name} />
            <span>
                {name}
                {name === person.username ? null : (
                    <span className="tone-quiet"> {person.username}</span>
                )}
            </span>
        </span>
    );
}
