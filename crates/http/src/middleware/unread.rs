//! What is left of a body that is not read to its end.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::web::Bytes;

/// The rest of a body that nobody will read. An extractor that gives up leaves it with the request.
///
/// Security: dropped, it would be drained for as long as the client sends, which costs the client nothing. Held
/// until the answer is out, it makes the server close the connection (RFC 9112, section 9.6).
pub(crate) struct Unread {
    rest: Payload,
}

impl Unread {
    /// The rest of this body.
    pub(crate) const fn of(rest: Payload) -> Self {
        Self { rest }
    }

    /// The body, for whoever reads it after all.
    pub(crate) fn into_payload(self) -> Payload {
        self.rest
    }

    /// Sets a body without a stated length aside until somebody reads it: the routes that read none would have it
    /// drained. One with a stated length is left alone: the library closes the connection by itself.
    pub(super) fn set_aside(request: &mut ServiceRequest) {
        if request.headers().contains_key(TRANSFER_ENCODING) {
            let unread = Self::of(request.take_payload());
            request.extensions_mut().insert(unread);
        }
    }
}

/// The answer; if something was left unread, one that closes the connection.
pub(super) fn closing_if_unread(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let unread = response.request().extensions_mut().remove();
    let Some(unread) = unread else {
        return response;
    };
    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    response.map_body(|_, body| BoxBody::new(Holding { body, _unread: unread }))
}

/// An answer's body that holds the rest of the request's until it is out.
struct Holding {
    body: BoxBody,
    _unread: Unread,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
