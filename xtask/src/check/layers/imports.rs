//! Reads which paths a source file names, from its syntax tree rather than its text.

use std::path::{Path as FilePath, PathBuf};

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Attribute, ItemExternCrate, ItemFn, ItemImpl, ItemMod, ItemUse, Macro, Meta, Path, Token, UseTree, Visibility,
};

/// A path that a file names.
#[derive(Debug)]
pub(crate) struct Import {
    /// From 1.
    pub(crate) line: usize,
    /// As written, but from `crate` on where it began with `crate`, `self` or `super`.
    pub(crate) path: Vec<String>,
    /// The module in which it stands.
    pub(crate) module: Vec<String>,
    /// What a `use` declares; `None` for a path elsewhere.
    pub(crate) declares: Option<Declaration>,
    /// Stands under `#[cfg(test)]`.
    pub(crate) in_tests: bool,
}

/// The name that a `use` brings into its module; `*` for a glob.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub(crate) name: String,
    /// Has a visibility, such as `pub`.
    pub(crate) is_reexport: bool,
}

/// What is read of one file below `src/`.
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    /// The module that the file holds; empty for the crate's root.
    pub(crate) module: Vec<String>,
    pub(crate) imports: Vec<Import>,
    /// The modules in files of their own that the file declares under `#[cfg(test)]`.
    pub(crate) test_modules: Vec<Vec<String>>,
}

/// Reads the source text of the file at `path` below `src/`.
///
/// # Errors
/// When the text is not Rust.
pub(crate) fn read(path: &FilePath, text: &str) -> syn::Result<SourceFile> {
    let file = syn::parse_file(text)?;
    let module = module_of(path);
    let mut reader = Reader { module: module.clone(), test_depth: 0, imports: Vec::new(), test_modules: Vec::new() };
    reader.visit_file(&file);
    let Reader { imports, test_modules, .. } = reader;
    Ok(SourceFile { path: path.to_path_buf(), module, imports, test_modules })
}

fn module_of(path: &FilePath) -> Vec<String> {
    let mut module: Vec<String> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module == ["lib"] || module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

struct Reader {
    module: Vec<String>,
    test_depth: usize,
    imports: Vec<Import>,
    test_modules: Vec<Vec<String>>,
}

impl Reader {
    fn record(&mut self, line: usize, path: &[String], declares: Option<Declaration>) {
        let Some(first) = path.first() else { return };
        let supers = path.iter().take_while(|part| *part == "super").count();
        let path = match first.as_str() {
            "crate" | "passport" => self.in_crate(0, &path[1..]),
            "self" => {
                let supers = path[1..].iter().take_while(|part| *part == "super").count();
                self.in_crate(self.module.len().saturating_sub(supers), &path[1 + supers..])
            }
            "super" => self.in_crate(self.module.len().saturating_sub(supers), &path[supers..]),
            _ => path.to_vec(),
        };
        let (module, in_tests) = (self.module.clone(), self.test_depth > 0);
        self.imports.push(Import { line, path, module, declares, in_tests });
    }

    /// The path from the crate's root to `rest`, seen from the outermost `depth` modules of the present one.
    fn in_crate(&self, depth: usize, rest: &[String]) -> Vec<String> {
        ["crate".to_owned()].iter().chain(&self.module[..depth]).chain(rest).cloned().collect()
    }

    fn use_tree(&mut self, prefix: &[String], tree: &UseTree, is_reexport: bool) {
        let with = |ident: &Ident| [prefix, &[ident.to_string()]].concat();
        let (ident, name) = match tree {
            UseTree::Path(path) => return self.use_tree(&with(&path.ident), &path.tree, is_reexport),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.use_tree(prefix, tree, is_reexport));
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                let declares = Declaration { name: "*".to_owned(), is_reexport };
                return self.record(line, &[prefix, &["*".to_owned()]].concat(), Some(declares));
            }
            UseTree::Name(name) => (&name.ident, &name.ident),
            UseTree::Rename(name) => (&name.ident, &name.rename),
        };
        // `use a::{self}` declares `a`.
        let is_self = ident == "self" && !prefix.is_empty();
        let path = if is_self { prefix.to_vec() } else { with(ident) };
        let name = if name == "self" { path[path.len() - 1].clone() } else { name.to_string() };
        self.record(line(ident), &path, Some(Declaration { name, is_reexport }));
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
                                trees.iter().flatten().for_each(|tree| self.use_tree(&path, tree, false));
                                path.clear();
                            }
                            _ => break,
                        }
                        at += 1;
                    }
                    // A lone word is a variable, a field or the `crate` of a visibility.
                    if path.len() > 1 {
                        self.record(line(ident), &path, None);
                    }
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream(), strings_are_paths),
                TokenTree::Literal(literal) if strings_are_paths => {
                    let text = literal.to_string();
                    if let Ok(path) = syn::parse_str::<Path>(text.trim_matches('"'))
                        && path.segments.len() > 1
                    {
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
        // The value `self`, or a variable of the crate's name.
        if parts != ["self"] && parts != ["passport"] {
            self.record(line_of_text.unwrap_or_else(|| line(&path.segments[0].ident)), &parts, None);
        }
    }

    /// Visits an item that these attributes may put under test.
    fn item(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        let is_test = attributes.iter().any(is_cfg_test);
        self.test_depth += usize::from(is_test);
        visit(self);
        self.test_depth -= usize::from(is_test);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        self.item(&item.attrs, |reader| {
            if reader.test_depth > 0 && item.content.is_none() {
                reader.test_modules.push(reader.module.clone());
            }
            visit::visit_item_mod(reader, item);
        });
        self.module.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.item(&item.attrs, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        self.item(&item.attrs, |reader| visit::visit_item_impl(reader, item));
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        self.item(&item.attrs, |reader| reader.use_tree(&[], &item.tree, is_reexport));
    }

    fn visit_item_extern_crate(&mut self, item: &'ast ItemExternCrate) {
        let path = [item.ident.to_string()];
        let declares = Declaration { name: path[0].clone(), is_reexport: false };
        self.record(line(&item.ident), &path, Some(declares));
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
