//! Collects a surface's routes, so that each path knows all of its methods: 405 with a true `Allow`
//! (RFC 9110, section 15.5.6) comes of that. Each comes with its [`Access`] and its description, and what
//! is mounted is what [`route_table`](super::route_table) lists and [`document`](crate::openapi::document) describes.
//!
//! A path may have parameters, `/agents/{agent_id}`: a handler reads them with `Cx::path`.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Responder, Route};

use super::{Access, cross_origin};
use crate::fault::Fault;
use crate::limits::{guarded_by, unrouted};
use crate::metrics::Worker;
use crate::middleware::guarded;
use crate::openapi::Described;

/// A surface's routes. A panic in any of them is an answer: see [`guarded`].
#[derive(Default)]
pub(crate) struct Routes {
    // Braces sort behind letters, digits and hyphens, so the router, which takes the first path that fits, asks
    // `/agents/overview` before `/agents/{agent_id}`.
    paths: BTreeMap<&'static str, Vec<(Method, Route)>>,
    any: BTreeMap<&'static str, Route>,
    dress: Option<Dress>,
    /// The paths that the pages of any site may read.
    cross_origin: BTreeSet<&'static str>,
    pub(crate) listed: Vec<Listed>,
}

/// What every answer of a surface gets besides, refusals too.
pub(crate) type Dress = fn(&mut ServiceResponse<BoxBody>);

/// What the route table and the API's description are told of a route.
pub(crate) struct Listed {
    pub(crate) path: &'static str,
    pub(crate) methods: &'static [&'static str],
    pub(crate) access: Access,
    pub(crate) described: Described,
}

impl Routes {
    /// Every answer of these routes gets this besides, refusals too.
    pub(crate) const fn dressed(mut self, dress: Dress) -> Self {
        self.dress = Some(dress);
        self
    }

    /// A `GET` route. `HEAD` comes with it (RFC 9110, section 9.3.2).
    pub(crate) fn get<F, Args>(
        self,
        path: &'static str,
        access: Access,
        described: Described,
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let routes = self.list(path, &["GET", "HEAD"], access, described);
        routes.on(Method::GET, path, access, handler.clone()).on(Method::HEAD, path, access, handler)
    }

    /// A `GET` route that the pages of any site may read, whatever it answers. A browser may ask before (`OPTIONS`).
    pub(crate) fn get_cross_origin<F, Args>(
        self,
        path: &'static str,
        access: Access,
        described: Described,
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let mut routes = self.list(path, &["GET", "HEAD", "OPTIONS"], access, described);
        routes.cross_origin.insert(path);
        routes.on(Method::GET, path, access, handler.clone()).on(Method::HEAD, path, access, handler).on(
            Method::OPTIONS,
            path,
            access,
            cross_origin::preflight,
        )
    }

    /// A `POST` route.
    pub(crate) fn post<F, Args>(
        self,
        path: &'static str,
        access: Access,
        described: Described,
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.list(path, &["POST"], access, described).on(Method::POST, path, access, handler)
    }

    /// A `PUT` route.
    pub(crate) fn put<F, Args>(
        self,
        path: &'static str,
        access: Access,
        described: Described,
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.list(path, &["PUT"], access, described).on(Method::PUT, path, access, handler)
    }

    /// A `DELETE` route.
    pub(crate) fn delete<F, Args>(
        self,
        path: &'static str,
        access: Access,
        described: Described,
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.list(path, &["DELETE"], access, described).on(Method::DELETE, path, access, handler)
    }

    /// A route for every method. Its path has no other.
    pub(crate) fn any<F, Args>(
        self,
        path: &'static str,
        access: Access,
        described: Described,
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let mut routes = self.list(path, &["ANY"], access, described);
        routes.any.insert(path, web::to(limited(access, handler)));
        routes
    }

    fn list(
        mut self,
        path: &'static str,
        methods: &'static [&'static str],
        access: Access,
        described: Described,
    ) -> Self {
        self.listed.push(Listed { path, methods, access, described });
        self
    }

    fn on<F, Args>(mut self, method: Method, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = web::method(method.clone()).to(limited(access, handler));
        self.paths.entry(path).or_default().push((method, route));
        self
    }

    /// Mounts them, each path with its refusal of other methods and with its meter.
    pub(crate) fn mount(self, config: &mut ServiceConfig, surface: &'static str, worker: &Worker) {
        let dress = self.dress;
        for (path, routes) in self.paths {
            let dress =
                if self.cross_origin.contains(path) { Some(cross_origin::dress as Dress) } else { dress };
            let methods: Vec<&str> = routes.iter().map(|(method, _)| method.as_str()).collect();
            let allow = methods.join(", ");
            let mut resource = web::resource(path).app_data(worker.meter(surface, path));
            for (_, route) in routes {
                resource = resource.route(route);
            }
            let refuse = move |request: HttpRequest| method_not_allowed(request, allow.clone());
            let guard = from_fn(move |request, next| guarded(dress, request, next));
            config.service(resource.default_service(web::to(refuse)).wrap(guard));
        }
        for (path, route) in self.any {
            let resource = web::resource(path).app_data(worker.meter(surface, path));
            let guard = from_fn(move |request, next| guarded(dress, request, next));
            config.service(resource.route(route).wrap(guard));
        }
    }
}

/// The handler behind its route's limit.
fn limited<F, Args>(access: Access, handler: F) -> impl Handler<(HttpRequest, Args), Output = HttpResponse>
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    move |request: HttpRequest, args: Args| {
        let handler = handler.clone();
        async move { guarded_by(access.limit, access.scope, request, || handler.call(args)).await }
    }
}

async fn method_not_allowed(request: HttpRequest, allow: String) -> HttpResponse {
    let mut response = unrouted(&request, Fault::MethodNotAllowed);
    // A vendor may have another status for it.
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Ok(value) = HeaderValue::from_str(&allow)
    {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
