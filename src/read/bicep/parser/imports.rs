//! Declarations that bind a file to others: imports, extensions, and what only parameter files have.

use super::{Dialect, Fail, Parsed, Parser};
use crate::read::bicep::ast::{
    Extension, ExtensionConfig, Import, ImportItem, Imported, Item, Name, Object, Using, UsingTarget,
};
use crate::read::bicep::token::TokenKind;

impl Parser<'_> {
    /// After `import`. A string there is the older form of `extension`.
    pub(super) fn import(&mut self, dialect: Dialect) -> Parsed<Item> {
        if self.at_string() && dialect == Dialect::Template {
            return self.extension();
        }
        let what = self.imported().unwrap_or_else(|Fail| {
            self.lost = true;
            Imported::Broken
        });
        let from = if self.lost {
            None
        } else {
            let from = self.expect_word("from");
            let path = from.and_then(|_| self.fixed_string("the path of a file in quotes"));
            path.unwrap_or_else(|Fail| {
                self.lost = true;
                None
            })
        };
        Ok(Item::Import(Import { what, from }))
    }

    fn imported(&mut self) -> Parsed<Imported> {
        match self.kind() {
            TokenKind::Asterisk => {
                self.bump();
                self.expect_word("as")?;
                Ok(Imported::All(self.name("a name for what is imported")?))
            }
            TokenKind::LeftBrace => {
                let mut items = Vec::new();
                self.members(TokenKind::RightBrace, "`}`", |p, _| {
                    items.push(p.import_item()?);
                    Ok(())
                })?;
                Ok(Imported::Names(items))
            }
            _ => Err(self.expected("`{` or `*`")),
        }
    }

    fn import_item(&mut self) -> Parsed<ImportItem> {
        let quoted = self.at_string();
        let name = if quoted {
            self.fixed_string("the name to import")?.ok_or(Fail)?
        } else {
            self.name("the name to import")?
        };
        let alias = match self.word("as") {
            Some(_) => Some(self.name("another name for it")?),
            None if quoted => return Err(self.expected("`as` and a name")),
            None => None,
        };
        Ok(ImportItem { name, alias })
    }

    /// After `extension`, `provider`, or `import` before a string.
    pub(super) fn extension(&mut self) -> Parsed<Item> {
        let spec = self.extension_spec().unwrap_or_else(|Fail| {
            self.lost = true;
            None
        });
        let with = self.with_clause();
        let mut alias = None;
        if !self.lost && self.word("as").is_some() {
            alias = self.name("a name for the extension").ok();
            self.lost |= alias.is_none();
        }
        Ok(Item::Extension(Extension { spec, with, alias }))
    }

    fn extension_spec(&mut self) -> Parsed<Option<Name>> {
        if self.kind() == TokenKind::Identifier {
            let token = self.bump();
            return Ok(Some(self.name_of(token)));
        }
        self.fixed_string("the name of an extension")
    }

    /// `with {…}`, if it is there.
    fn with_clause(&mut self) -> Option<Object> {
        if self.lost || self.word("with").is_none() {
            return None;
        }
        let object = self.nested(|p| p.object(false)).ok();
        self.lost |= object.is_none();
        object
    }

    pub(super) fn extension_config(&mut self) -> Parsed<Item> {
        let alias = self.name("the name of an extension")?;
        if !self.at_word("with") {
            self.expected("`with`");
            self.lost = true;
        }
        let with = self.with_clause();
        Ok(Item::ExtensionConfig(ExtensionConfig { alias, with }))
    }

    pub(super) fn using(&mut self) -> Parsed<Item> {
        let target = if self.at_word("none") {
            let token = self.bump();
            UsingTarget::None(self.span_of(token))
        } else {
            match self.fixed_string("the path of a template in quotes, or `none`") {
                Ok(path) => path.map_or(UsingTarget::Broken, UsingTarget::Path),
                Err(Fail) => {
                    self.lost = true;
                    UsingTarget::Broken
                }
            }
        };
        let with = self.with_clause();
        Ok(Item::Using(Using { target, with }))
    }

    pub(super) fn extends(&mut self) -> Parsed<Item> {
        let path = self.fixed_string("the path of a parameter file in quotes");
        Ok(Item::Extends(path.unwrap_or_else(|Fail| {
            self.lost = true;
            None
        })))
    }
}
