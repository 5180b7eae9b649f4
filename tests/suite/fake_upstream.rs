use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

pub(crate) const SESSION: &str = "/sns/jscode2session";
pub(crate) const PHONE: &str = "/wxa/business/getuserphonenumber";
pub(crate) const OAUTH_TOKEN: &str = "/sns/oauth2/access_token";
pub(crate) const USER_INFO: &str = "/sns/userinfo";
pub(crate) const STABLE_TOKEN: &str = "/cgi-bin/stable_token";

/// The response to one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Document(String),
    Bytes(Vec<u8>),
    Status(u16),
    StatusWith(u16, String),
    /// A redirect to this path.
    Redirect(&'static str),
    /// Half of the document, under a header that announces all of it.
    CutOff(String),
    /// The connection is closed instead.
    Close,
    /// The connection stays open, and silent.
    Silence,
    /// The same, once [`FakeUpstream::release`] was called.
    Held(Box<Reply>),
}

impl Reply {
    pub(crate) fn errcode(errcode: i64) -> Self {
        Self::Document(format!(r#"{{"errcode":{errcode},"errmsg":"of no account, rid: 1-2-3"}}"#))
    }

    pub(crate) fn held(self) -> Self {
        Self::Held(Box::new(self))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    /// As it came, with everything encoded.
    pub(crate) raw_query: String,
    /// Their names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
    pub(crate) raw_body: Vec<u8>,
}

/// A server on a free port that responds as scripted, path by path, and records the requests.
#[derive(Clone)]
pub(crate) struct FakeUpstream {
    base: Url,
    shared: Arc<Shared>,
}

struct Shared {
    scripts: Mutex<HashMap<&'static str, Vec<Reply>>>,
    requests: watch::Sender<Vec<Request>>,
    in_flight: watch::Sender<InFlight>,
    released: watch::Sender<bool>,
}

#[derive(Default)]
struct InFlight {
    now: usize,
    most: usize,
}

impl FakeUpstream {
    pub(crate) async fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.expect("a free port"))
    }

    pub(crate) fn on(listener: TcpListener) -> Self {
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            scripts: Mutex::default(),
            requests: watch::Sender::default(),
            in_flight: watch::Sender::default(),
            released: watch::Sender::default(),
        });
        let fake = Self { base: format!("http://{address}").parse().expect("a URL"), shared: shared.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        fake
    }

    pub(crate) fn base(&self) -> Url {
        self.base.clone()
    }

    /// Sets the responses for `path`, in order; the last one is repeated.
    pub(crate) fn responses<const N: usize>(&self, path: &'static str, replies: [Reply; N]) -> &Self {
        self.shared.scripts.lock().expect("the lock").insert(path, replies.into());
        self
    }

    pub(crate) fn release(&self) {
        self.shared.released.send_replace(true);
    }

    pub(crate) fn requests(&self, path: &str) -> Vec<Request> {
        self.shared.requests.borrow().iter().filter(|request| request.path == path).cloned().collect()
    }

    pub(crate) async fn has_seen(&self, path: &str, count: usize) {
        let seen = |requests: &Vec<Request>| requests.iter().filter(|request| request.path == path).count() >= count;
        self.shared.requests.subscribe().wait_for(seen).await.expect("the server lives");
    }

    pub(crate) async fn has_in_flight(&self, count: usize) {
        self.shared.in_flight.subscribe().wait_for(|flying| flying.now >= count).await.expect("the server lives");
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.shared.in_flight.borrow().most
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) -> Option<()> {
    let request = read(&mut stream).await?;
    shared.in_flight.send_modify(|flying| {
        flying.now += 1;
        flying.most = flying.most.max(flying.now);
    });
    let mut reply = shared.next(&request.path);
    shared.requests.send_modify(|requests| requests.push(request));
    if let Reply::Held(inner) = reply {
        shared.released.subscribe().wait_for(|released| *released).await.ok()?;
        reply = *inner;
    }
    // Before the response, so that a client that has it sees the count decreased.
    shared.in_flight.send_modify(|flying| flying.now -= 1);
    write(&mut stream, reply).await
}

impl Shared {
    fn next(&self, path: &str) -> Reply {
        match self.scripts.lock().expect("the lock").get_mut(path) {
            None => Reply::Status(404),
            Some(replies) if replies.len() > 1 => replies.remove(0),
            Some(replies) => replies[0].clone(),
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut received = Vec::new();
    let head_end = loop {
        if let Some(at) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut received).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(received[..head_end].to_vec()).ok()?;
    let headers: HashMap<_, _> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(Ok(0), |length| length.parse()).ok()?;
    while received.len() < head_end + length {
        stream.read_buf(&mut received).await.ok()?;
    }
    let (method, target) = head.lines().next()?.split_once(' ')?;
    let url = Url::parse("http://fake").ok()?.join(target.split(' ').next()?).ok()?;
    let raw_body = received[head_end..].to_vec();
    Some(Request {
        method: method.to_owned(),
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        raw_query: url.query().unwrap_or_default().to_owned(),
        headers,
        body: serde_json::from_slice(&raw_body).unwrap_or_default(),
        raw_body,
    })
}

async fn write(stream: &mut TcpStream, reply: Reply) -> Option<()> {
    let location = match reply {
        Reply::Redirect(path) => format!("location: {path}\r\n"),
        _ => String::new(),
    };
    let (status, body, announced) = match reply {
        Reply::Document(document) => (200, document.clone().into_bytes(), document.len()),
        Reply::Bytes(bytes) => (200, bytes.clone(), bytes.len()),
        Reply::Status(status) => (status, Vec::new(), 0),
        Reply::StatusWith(status, document) => (status, document.clone().into_bytes(), document.len()),
        Reply::Redirect(_) => (302, Vec::new(), 0),
        Reply::CutOff(document) => (200, document.as_bytes()[..document.len() / 2].to_vec(), document.len()),
        Reply::Close => return None,
        Reply::Silence | Reply::Held(_) => std::future::pending().await,
    };
    // WeChat, too, says text/plain.
    let head = format!(
        "HTTP/1.1 {status} -\r\ncontent-type: text/plain\r\nconnection: close\r\n{location}content-length: {announced}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(&body).await.ok()?;
    stream.shutdown().await.ok()
}
