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
pub(crate) const STABLE_TOKEN: &str = "/cgi-bin/stable_token";

/// How one request is answered.
#[derive(Clone)]
pub(crate) enum Reply {
    Document(String),
    Bytes(Vec<u8>),
    Status(u16),
    /// Away to this path.
    Redirect(&'static str),
    /// Half of the document, under a header that announces all of it.
    CutOff(String),
    /// The connection is closed instead.
    Close,
    /// The connection stays open, and silent.
    Silence,
    /// The same, once [`FakeWechat::release`] was called.
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
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) body: Value,
}

/// A server on a free port that answers WeChat's paths by a script and remembers what it was asked.
#[derive(Clone)]
pub(crate) struct FakeWechat {
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

impl FakeWechat {
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

    /// The answers to the requests of `path`, in order; the last one also answers all further requests.
    pub(crate) fn answers<const N: usize>(&self, path: &'static str, replies: [Reply; N]) -> &Self {
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
    // Before the answer, so that nobody who has it can still see it counted.
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
    let head = String::from_utf8(received[..head_end].to_vec()).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap_or("0").trim().to_owned();
    while received.len() < head_end + length.parse::<usize>().ok()? {
        stream.read_buf(&mut received).await.ok()?;
    }
    let target = std::str::from_utf8(&received).ok()?.split(' ').nth(1)?;
    let url = Url::parse("http://fake").ok()?.join(target).ok()?;
    Some(Request {
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        body: serde_json::from_slice(&received[head_end..]).unwrap_or_default(),
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
