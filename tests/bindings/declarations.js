// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whether the types for JavaScript tell of all there is, and of nothing else.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import * as module from '../../bindings/gjs/wsm.js';
import {assert, assertEqual, define, main} from './harness.js';

const {Wsm} = module;

function read(path) {
    const [, bytes] = Gio.File.new_for_path(path).load_contents(null);
    return new TextDecoder().decode(bytes);
}

const [types, moduleTypes] = GLib.getenv('WSM_TYPES').split(':').map(read);

// What stands in the blocks that begin with a word, by the name of each.
function findBlocks(word) {
    const found = new Map();
    const pattern = new RegExp(`^ {8}${word} (\\w+)[^\\n]*\\{\\n(.*?)^ {8}\\}`, 'gms');
    for (const [, name, text] of types.matchAll(pattern))
        found.set(name, text);
    return found;
}

function findAll(text, pattern) {
    return [...new Set([...text.matchAll(pattern)].map(match => match[1]))].sort();
}

function camel(name) {
    return name.replace(/-(.)/g, (_match, letter) => letter.toUpperCase());
}

// What a language with a garbage collector has no use for, and what each signal has its type for.
const OTHERS = ['connect', 'constructor', 'free'];

const classes = findBlocks('class');
const enumerations = findBlocks('enum');

function isObject(kind) {
    return kind.prototype instanceof GObject.Object;
}

define('all-that-there-is-is-told', () => {
    const names = Object.keys(Wsm).filter(name => !name.endsWith('Class'));
    assert(names.length > 0);
    const told = [...classes.keys(), ...enumerations.keys(),
        ...findAll(types, /^ {8}(?:const|function) (\w+)/gm)];
    for (const name of names)
        assert(told.includes(name) || name === 'error_quark', name);
    for (const name of told)
        assert(name in Wsm, name);
});

define('enumerations-have-their-values', () => {
    assert(enumerations.size > 5);
    for (const [name, text] of enumerations) {
        let nValues = 0;
        for (const [, member, value] of text.matchAll(/^ {12}(\w+) = (\d+),$/gm)) {
            assertEqual(Wsm[name][member], Number(value));
            nValues++;
        }
        assert(nValues > 1, name);
    }
});

define('methods-are-those-that-there-are', () => {
    for (const [name, text] of classes) {
        const kind = Wsm[name];
        const methods = findAll(text, /^ {12}([a-z]\w+)\(/gm)
            .filter(method => !['constructor', 'connect', 'connect_after'].includes(method));
        const statics = findAll(text, /^ {12}static (?:readonly )?(\w+)/gm);

        for (const method of methods)
            assert(typeof kind.prototype[method] === 'function', `${name}.${method}`);
        for (const method of statics)
            assert(method in kind, `${name}.${method}`);
        // Fields are there too, and cannot be asked for. What GJS itself adds is called otherwise.
        const there = Object.entries(Object.getOwnPropertyDescriptors(kind.prototype));
        for (const [method, {value}] of there) {
            if (/^[a-z][a-z_]+$/.test(method) && value instanceof Function)
                assert(methods.includes(method) || OTHERS.includes(method), `${name}.${method}`);
        }
    }
});

define('properties-and-signals-are-those-that-there-are', () => {
    let nObjects = 0;
    for (const [name, text] of classes) {
        const kind = Wsm[name];
        if (!isObject(kind))
            continue;

        nObjects++;
        const specs = GObject.Object.list_properties.call(kind);
        const expected = specs.flatMap(spec => [spec.name.replaceAll('-', '_'), camel(spec.name)]);
        assertEqual(findAll(text, /^ {12}get (\w+)\(\)/gm), [...new Set(expected)].sort());

        const settable = specs
            .filter(spec => spec.flags & GObject.ParamFlags.WRITABLE &&
                !(spec.flags & GObject.ParamFlags.CONSTRUCT_ONLY))
            .flatMap(spec => [spec.name.replaceAll('-', '_'), camel(spec.name)]);
        assertEqual(findAll(text, /^ {12}set (\w+)\(/gm), [...new Set(settable)].sort());

        const signals = GObject.signal_list_ids(kind.$gtype)
            .map(id => GObject.signal_query(id).signal_name);
        assertEqual(findAll(text, /^ {12}connect\(signal: '([\w-]+)',/gm), signals.sort());
    }
    assert(nObjects > 5);
});

define('the-module-is-as-told', () => {
    const told = findAll(moduleTypes, /^export (?:class|function) (\w+)/gm);
    assertEqual([...told, 'Wsm', 'default'].sort(), Object.keys(module).sort());
    // Only what is promised to return promises does so.
    const interfaces = /interface (Connection|Pool) \{(.*?)\n {8}\}/gs;
    for (const [, kind, text] of moduleTypes.matchAll(interfaces)) {
        for (const method of findAll(text, /^ {12}(\w+)\(/gm)) {
            assertEqual(`_original_${method}` in Wsm[kind].prototype, method.endsWith('_async'));
            assert(types.includes(` ${method}(`), method);
        }
    }
});

main();
