// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// As much of the types that ts-for-gir makes of other libraries as it takes.

declare module 'gi://GObject' {
    namespace GObject {
        class Object {
            connect(signal: string, callback: (...args: any[]) => any): number;
            connect_after(signal: string, callback: (...args: any[]) => any): number;
            disconnect(id: number): void;
            run_dispose(): void;
        }
        class ParamSpec {
            get_name(): string;
        }
    }
    export default GObject;
}

declare module 'gi://GLib' {
    namespace GLib {
        class Bytes {
            get_size(): number;
            toArray(): Uint8Array;
        }
        class Error {
            code: number;
            message: string;
            matches(domain: any, code: number): boolean;
        }
    }
    export default GLib;
}

declare module 'gi://Gio' {
    import GLib from 'gi://GLib';
    import GObject from 'gi://GObject';
    namespace Gio {
        interface AsyncResult {}
        class Cancellable extends GObject.Object {
            cancel(): void;
        }
        class IOStream extends GObject.Object {}
        interface ListModel<A extends GObject.Object = GObject.Object> {
            get_item(position: number): A | null;
            get_n_items(): number;
        }
        class TlsCertificate extends GObject.Object {}
        enum TlsCertificateFlags {}
    }
    export default Gio;
}

declare module 'gi://Soup?version=3.0' {
    import GObject from 'gi://GObject';
    namespace Soup {
        class Message extends GObject.Object {}
        class Session extends GObject.Object {}
        enum WebsocketDataType { TEXT = 1, BINARY = 2 }
    }
    export default Soup;
}
