/** Views kept under a name in this browser: a view is its address. */
export interface SavedView {
    name: string;
    /** The address' query, without the question mark. */
    search: string;
}

const STORAGE = 'tidemark.views.explore';

export function readViews(): SavedView[] {
    try {
        const stored: unknown = JSON.parse(localStorage.getItem(STORAGE) ?? '[]');
        if (!Array.isArray(stored)) return [];
        return stored.filter(
            (one): one is SavedView =>
                typeof one?.name === 'string' && typeof one?.search === 'string',
        );
    } catch {
        return [];
    }
}

/** The same name again replaces the view that had it. */
export function withView(views: readonly SavedView[], view: SavedView): SavedView[] {
    return [...views.filter((one) => one.name !== view.name), view].sort((a, b) =>
        a.name.localeCompare(b.name),
    );
}

/** false when this browser keeps nothing. */
export function storeViews(views: readonly SavedView[]): boolean {
    try {
        localStorage.setItem(STORAGE, JSON.stringify(views));
        return true;
    } catch {
        return false;
    }
}
