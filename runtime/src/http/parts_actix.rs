//! What actix-web's extractors are to a key: a part with the value in them, neutral, or nothing of both.

use actix_web::http::{Method, Uri};
use actix_web::web::{Data, Path, Query, ReqData, ThinData};

use crate::key::KeyWriter;
use crate::part::{KeyNeutral, KeyPart};

/// The program's data is the same for every request.
impl<T: ?Sized> KeyNeutral for Data<T> {}

/// The program's data is the same for every request.
impl<T> KeyNeutral for ThinData<T> {}

/// By the value, so that every spelling of it is one key.
impl<T: KeyPart> KeyPart for Path<T> {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.part(&**self);
    }
}

/// By the fields that are extracted: parameters that nobody reads make no keys.
impl<T: KeyPart> KeyPart for Query<T> {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.part(&self.0);
    }
}

/// By the value: what a middleware puts there has to say that it can be a part.
impl<T: KeyPart + Clone + 'static> KeyPart for ReqData<T> {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.part(&**self);
    }
}

impl KeyPart for Method {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(self.as_str());
    }
}

impl KeyPart for Uri {
    fn render(&self, key: &mut KeyWriter<'_>) {
        key.string(&self.to_string());
    }
}
