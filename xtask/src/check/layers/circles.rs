//! Finds files that import each other in a circle.
//!
//! A file imports another when it names an item that the other one defines, by `use` or in a path. A re-export is no
//! import; a file that names an item by it imports from the file that defines the item. A module alone is no item.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::imports::{Import, SourceFile};

/// How many re-exports are followed to an item; more are a mistake that the compiler reports.
const MAX_REEXPORTS: usize = 20;

/// For each file, by its place in the list: the files that it imports from, with the items.
type Graph = BTreeMap<usize, BTreeMap<usize, BTreeSet<String>>>;

/// A line for each circle, with its files and what each imports from the next. Of longer circles, only those are named
/// that contain an import which is in no shorter one.
pub(super) fn find(files: &[&SourceFile]) -> Vec<String> {
    let graph = graph(files);
    let mut circles = BTreeSet::new();
    for (file, imported) in &graph {
        for next in imported.keys() {
            if let Some(mut circle) = shortest_path(&graph, *next, *file) {
                let first = (0..circle.len()).min_by_key(|at| circle[*at]).unwrap_or_default();
                circle.rotate_left(first);
                circles.insert((circle.len(), circle));
            }
        }
    }
    let mut named = BTreeSet::new();
    let mut lines = Vec::new();
    for (_, circle) in circles {
        let nexts = circle.iter().skip(1).chain(&circle[..1]);
        let imports: Vec<_> = circle.iter().copied().zip(nexts.copied()).collect();
        if imports.iter().filter(|import| named.insert(**import)).count() > 0 {
            let name = |file: usize| format!("src/{}", files[file].path.display());
            let steps = imports.iter().map(|(file, next)| {
                let items: Vec<_> = graph[file][next].iter().map(String::as_str).collect();
                format!(" -> {} ({})", name(*next), items.join(", "))
            });
            lines.push(format!("circle: {}{}", name(circle[0]), steps.collect::<String>()));
        }
    }
    lines
}

/// The files on the shortest way along the imports, both ends included.
fn shortest_path(graph: &Graph, from: usize, to: usize) -> Option<Vec<usize>> {
    let mut paths = VecDeque::from([vec![from]]);
    let mut seen = BTreeSet::from([from]);
    while let Some(path) = paths.pop_front() {
        let last = path[path.len() - 1];
        if last == to {
            return Some(path);
        }
        let nexts = graph.get(&last).into_iter().flat_map(BTreeMap::keys);
        paths.extend(nexts.filter(|next| seen.insert(**next)).map(|next| [path.as_slice(), &[*next]].concat()));
    }
    None
}

fn graph(files: &[&SourceFile]) -> Graph {
    let imports: Vec<(usize, &Import)> = files
        .iter()
        .enumerate()
        .flat_map(|(number, file)| file.imports.iter().map(move |import| (number, import)))
        .filter(|(_, import)| !import.in_tests)
        .collect();
    let mut modules = Modules::default();
    for (number, file) in files.iter().enumerate() {
        modules.0.entry(&file.module).or_insert_with(|| Module::new(number));
    }
    for (number, import) in &imports {
        let module = modules.0.entry(&import.module).or_insert_with(|| Module::new(*number));
        if let Some(declaration) = &import.declares {
            module.names.insert(&declaration.name, &import.path);
        }
    }
    let mut graph = Graph::new();
    for (number, import) in imports {
        if let Some((file, item)) = modules.imported(import).filter(|(file, _)| *file != number) {
            graph.entry(number).or_default().entry(file).or_default().insert(item);
        }
    }
    graph
}

#[derive(Default)]
struct Modules<'a>(BTreeMap<&'a [String], Module<'a>>);

/// What is known of a module.
struct Module<'a> {
    /// The file in which it stands.
    file: usize,
    /// What its `use` declarations name, private ones included: children see them.
    names: BTreeMap<&'a str, &'a [String]>,
}

impl Module<'_> {
    fn new(file: usize) -> Self {
        Self { file, names: BTreeMap::new() }
    }
}

impl Modules<'_> {
    /// The file from which `import` takes an item, and the item.
    fn imported(&self, import: &Import) -> Option<(usize, String)> {
        match (&import.declares, import.path.as_slice()) {
            (Some(declaration), _) if declaration.is_reexport => None,
            // A glob takes from the module itself.
            (Some(_), [module @ .., glob]) if glob == "*" => {
                let (file, item) = self.resolve(&import.module, module, MAX_REEXPORTS)?;
                Some((file, item.unwrap_or_else(|| "*".to_owned())))
            }
            // A module that is declared is imported from where it is used.
            (Some(_), path) | (None, path @ [_]) => {
                let (file, item) = self.resolve(&import.module, path, MAX_REEXPORTS)?;
                Some((file, item?))
            }
            (None, path) => {
                let (file, item) = self.resolve(&import.module, path, MAX_REEXPORTS)?;
                Some((file, item.unwrap_or_else(|| path.join("::"))))
            }
        }
    }

    /// The file that defines what `path`, seen from `module`, leads to, and the item; without an item, it leads to the
    /// module that the file holds. `None` for what is not ours, and for what the module itself may define.
    fn resolve(&self, module: &[String], path: &[String], steps: usize) -> Option<(usize, Option<String>)> {
        let (mut at, rest) = match path {
            [first, rest @ ..] if first == "crate" => (Vec::new(), rest),
            [first, ..] => {
                let is_known = self.child(module, first).is_some() || self.0.get(module)?.names.contains_key(&**first);
                (is_known.then(|| module.to_vec())?, path)
            }
            [] => return None,
        };
        for (number, part) in rest.iter().enumerate() {
            if let Some(child) = self.child(&at, part) {
                at = child;
                continue;
            }
            let module = self.0.get(at.as_slice())?;
            let Some(target) = module.names.get(part.as_str()) else { return Some((module.file, Some(part.clone()))) };
            let target = [*target, &rest[number + 1..]].concat();
            return self.resolve(&at, &target, steps.checked_sub(1)?);
        }
        Some((self.0.get(at.as_slice())?.file, None))
    }

    fn child(&self, module: &[String], name: &str) -> Option<Vec<String>> {
        let child = [module, &[name.to_owned()]].concat();
        self.0.contains_key(child.as_slice()).then_some(child)
    }
}

#[cfg(test)]
mod tests;
