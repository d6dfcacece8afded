//! What `#[derive(KeyPart)]` expands to.

use expect_test::{Expect, expect};

use super::{pretty, tokens};

fn derives(item: &str, expected: &Expect) {
    expected.assert_eq(&pretty(crate::derive::expand(tokens(item))));
}

#[test]
fn structs() {
    derives(
        "pub struct UserId(u64);",
        &expect![[r#"
            #[automatically_derived]
            impl ::larder::KeyPart for UserId {
                fn render(&self, __key: &mut ::larder::KeyWriter<'_>) {
                    __key.part(&self.0);
                }
            }
        "#]],
    );
    derives(
        "struct Page { number: u32, r#type: Kind }",
        &expect![[r#"
            #[automatically_derived]
            impl ::larder::KeyPart for Page {
                fn render(&self, __key: &mut ::larder::KeyWriter<'_>) {
                    __key.begin_tuple();
                    __key.element(&self.number);
                    __key.element(&self.r#type);
                    __key.end_tuple();
                }
            }
        "#]],
    );
    derives(
        "struct Nothing;",
        &expect![[r#"
            #[automatically_derived]
            impl ::larder::KeyPart for Nothing {
                fn render(&self, __key: &mut ::larder::KeyWriter<'_>) {
                    __key.begin_tuple();
                    __key.end_tuple();
                }
            }
        "#]],
    );
    derives(
        "#[key_part(crate = ::my::larder)] struct Pair<'a, T: ?Sized + Ord = str, const N: usize>(&'a T, [u8; N]) where T: Send;",
        &expect![[r#"
            #[automatically_derived]
            impl<'a, T: ?Sized + Ord + ::my::larder::KeyPart, const N: usize> ::my::larder::KeyPart
            for Pair<'a, T, N>
            where
                T: Send,
            {
                fn render(&self, __key: &mut ::my::larder::KeyWriter<'_>) {
                    __key.begin_tuple();
                    __key.element(&self.0);
                    __key.element(&self.1);
                    __key.end_tuple();
                }
            }
        "#]],
    );
}

#[test]
fn enums() {
    derives(
        "enum Sort { Name, By(Column), Both(Column, Column), r#Type { up: bool }, }",
        &expect![[r##"
            #[automatically_derived]
            impl ::larder::KeyPart for Sort {
                fn render(&self, __key: &mut ::larder::KeyWriter<'_>) {
                    match self {
                        Self::Name => {
                            __key.variant("Name");
                        }
                        Self::By(field0) => {
                            __key.variant("By");
                            __key.begin_tuple();
                            __key.element(field0);
                            __key.end_tuple();
                        }
                        Self::Both(field0, field1) => {
                            __key.variant("Both");
                            __key.begin_tuple();
                            __key.element(field0);
                            __key.element(field1);
                            __key.end_tuple();
                        }
                        Self::r#Type { up: field0 } => {
                            __key.variant("Type");
                            __key.begin_tuple();
                            __key.element(field0);
                            __key.end_tuple();
                        }
                    }
                }
            }
        "##]],
    );
    derives(
        "enum Never {}",
        &expect![[r#"
            #[automatically_derived]
            impl ::larder::KeyPart for Never {
                fn render(&self, __key: &mut ::larder::KeyWriter<'_>) {
                    match *self {}
                }
            }
        "#]],
    );
}

#[test]
fn mistakes() {
    derives(
        "union U { a: u8 }",
        &expect![[r#"
        ::core::compile_error! {
            "a union can't be part of a key: nobody knows which field holds\nhelp: write `impl KeyPart` by hand"
        }
    "#]],
    );
    derives(
        "fn f() {}",
        &expect![[r#"
        ::core::compile_error! {
            "`KeyPart` is derived for structs and enums\nhelp: put it on one of them"
        }
    "#]],
    );
    derives(
        "#[key_part(skip)] #[key_part(crate = \"larder\")] #[key_part] struct X(u8);",
        &expect![[r##"
            #[automatically_derived]
            impl ::larder::KeyPart for X {
                fn render(&self, __key: &mut ::larder::KeyWriter<'_>) {
                    __key.part(&self.0);
                }
            }
            ::core::compile_error! {
                "`#[key_part]` knows one option, `crate`\nhelp: write `#[key_part(crate = ::larder)]`"
            }
            ::core::compile_error! {
                "the path of a crate stands without quotes\nhelp: write `crate = ::larder`"
            }
            ::core::compile_error! {
                "`#[key_part]` knows one option, `crate`\nhelp: write `#[key_part(crate = ::larder)]`"
            }
        "##]],
    );
}
