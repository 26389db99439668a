/** The pages before the door. They stand outside the shell and ask for nothing that needs a sign-in. */
import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { AskForMail } from '@/features/entry/components/AskForMail';
import { LinkSignIn } from '@/features/entry/components/LinkSignIn';
import { NewAccount } from '@/features/entry/components/NewAccount';
import { ResetPassword } from '@/features/entry/components/ResetPassword';
import { SignIn } from '@/features/entry/components/SignIn';
import { entryAt } from '@/shared/lib/entry';
import '@/features/entry/entry.css';

export default function EntryPage() {
    const { pathname } = useLocation();
    // A second link opened in the same tab changes only what is behind the #.
    useEffect(() => {
        const another = () => {
            if (location.hash.length > 1) location.reload();
        };
        window.addEventListener('hashchange', another);
        return () => window.removeEventListener('hashchange', another);
    }, []);
    switch (entryAt(pathname)) {
        case '/setup':
            return <NewAccount key="setup" first />;
        case '/register':
            return <NewAccount key="register" first={false} />;
        case '/link':
            return <LinkSignIn />;
        case '/forgot':
            return <AskForMail key="forgot" what="forgot" />;
        case '/request-registration':
            return <AskForMail key="request" what="request" />;
        case '/reset':
            return <ResetPassword />;
        default:
            return <SignIn />;
    }
}
