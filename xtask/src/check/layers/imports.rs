//! Reads which rooms and libraries a source file names, from its syntax tree rather than its text.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, ItemExternCrate, ItemMod, ItemUse, Macro, Meta, Path, Token, UseTree, Visibility};

use super::table::WATCHED;

/// A path that a file names.
#[derive(Debug)]
pub(crate) struct Import {
    /// From 1.
    pub(crate) line: usize,
    /// `crate` and what follows, or a watched library and what follows; `self` and `super` are resolved.
    pub(crate) path: Vec<String>,
    /// Stands in a `#[cfg(test)]` module.
    pub(crate) in_tests: bool,
}

pub(crate) struct Reading {
    pub(crate) imports: Vec<Import>,
    /// The modules in files of their own that the file declares under `#[cfg(test)]`.
    pub(crate) test_modules: Vec<Vec<String>>,
}

/// Reads the source text of `module` (empty for the crate's root).
///
/// # Errors
/// When the text is not Rust.
pub(crate) fn read(text: &str, module: &[String]) -> syn::Result<Reading> {
    let file = syn::parse_file(text)?;
    let mut reader = Reader { module: module.to_vec(), test_depth: 0, imports: Vec::new(), test_modules: Vec::new() };
    reader.visit_file(&file);
    Ok(Reading { imports: reader.imports, test_modules: reader.test_modules })
}

struct Reader {
    module: Vec<String>,
    test_depth: usize,
    imports: Vec<Import>,
    test_modules: Vec<Vec<String>>,
}

impl Reader {
    /// Keeps `path` when it leads to a room or to a watched library.
    fn record(&mut self, line: usize, path: &[String]) {
        let Some(first) = path.first() else { return };
        let supers = path.iter().take_while(|part| *part == "super").count();
        let path = match first.as_str() {
            "crate" | "passport" => self.in_crate(0, &path[1..]),
            "self" => {
                let supers = path[1..].iter().take_while(|part| *part == "super").count();
                self.in_crate(self.module.len().saturating_sub(supers), &path[1 + supers..])
            }
            "super" => self.in_crate(self.module.len().saturating_sub(supers), &path[supers..]),
            library if WATCHED.contains(&library) => path.to_vec(),
            _ => return,
        };
        self.imports.push(Import { line, path, in_tests: self.test_depth > 0 });
    }

    /// The path from the crate's root to `rest`, seen from the outermost `depth` modules of the present one.
    fn in_crate(&self, depth: usize, rest: &[String]) -> Vec<String> {
        ["crate".to_owned()].iter().chain(&self.module[..depth]).chain(rest).cloned().collect()
    }

    fn use_tree(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |ident: &Ident| [prefix, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.use_tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" && !prefix.is_empty() => self.record(line(&name.ident), prefix),
            UseTree::Rename(name) if name.ident == "self" && !prefix.is_empty() => {
                self.record(line(&name.ident), prefix);
            }
            UseTree::Name(name) => self.record(line(&name.ident), &with(&name.ident)),
            UseTree::Rename(name) => self.record(line(&name.ident), &with(&name.ident)),
            UseTree::Glob(glob) => {
                self.record(glob.star_token.spans[0].start().line, &[prefix, &["*".to_owned()]].concat());
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(prefix, tree)),
        }
    }

    /// Finds paths in tokens that have no syntax tree: what stands in a macro call, a macro's rules or an attribute.
    fn tokens(&mut self, tokens: TokenStream, strings_are_paths: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(ident) => {
                    let mut path = vec![ident.to_string()];
                    at += 1;
                    while is_double_colon(&tokens[at..]) {
                        at += 2;
                        match tokens.get(at) {
                            Some(TokenTree::Ident(next)) => path.push(next.to_string()),
                            Some(TokenTree::Group(group)) => {
                                let trees = Punctuated::<UseTree, Token![,]>::parse_terminated.parse2(group.stream());
                                trees.iter().flatten().for_each(|tree| self.use_tree(&path, tree));
                                path.clear();
                            }
                            _ => break,
                        }
                        at += 1;
                    }
                    // A lone word is a variable, a field or the `crate` of a visibility.
                    if path.len() > 1 {
                        self.record(line(ident), &path);
                    }
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream(), strings_are_paths),
                TokenTree::Literal(literal) if strings_are_paths => {
                    let text = literal.to_string();
                    if let Ok(path) = syn::parse_str::<Path>(text.trim_matches('"')) {
                        self.path(&path, Some(literal.span().start().line));
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn path(&mut self, path: &Path, line_of_text: Option<usize>) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        // Outside of `use`, a lone word is a local name.
        if parts.len() > 1 {
            self.record(line_of_text.unwrap_or_else(|| line(&path.segments[0].ident)), &parts);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let is_test = item.attrs.iter().any(is_cfg_test);
        self.module.push(item.ident.to_string());
        if is_test && item.content.is_none() {
            self.test_modules.push(self.module.clone());
        }
        self.test_depth += usize::from(is_test);
        visit::visit_item_mod(self, item);
        self.test_depth -= usize::from(is_test);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.use_tree(&[], &item.tree);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        self.record(line(&item.ident), &[item.ident.to_string()]);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast Path) {
        self.path(path, None);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone(), false);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        self.visit_path(attribute.path());
        if let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone(), true);
        }
    }
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<Path>().is_ok_and(|condition| condition.is_ident("test"))
}

fn is_double_colon(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(first), TokenTree::Punct(second), ..] if first.as_char() == ':' && second.as_char() == ':')
}

fn line(ident: &Ident) -> usize {
    ident.span().start().line
}
