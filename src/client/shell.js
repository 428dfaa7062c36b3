// Generated from pkg-template/src/rust.ts by `npm run build`; do not edit.
var ht=Object.defineProperty;var m=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var w=(e,t)=>{for(var n in t)ht(e,n,{get:t[n],enumerable:!0})};var ye={};w(ye,{texts:()=>gt});var gt,we=m(()=>{gt={}});function ve(e,t,n){yt.add(t);let r=A.get(e)??Ot(e,n);A.set(e,r),r.then(o=>wt?be(t,{code:"vault_crashed"}):o.connect(t),o=>{be(t,kt(o)),A.delete(
e),z=void 0})}function Oe(){L=new BroadcastChannel("valetkey"),L.addEventListener("message",({data:e})=>{let{url:t,signedOut:n,revoke:r,providerSignedOut:o}={
__proto__:null,...e};typeof t=="string"&&bt(t).then(i=>{i&&L?.postMessage({answers:t,location:i.error?void 0:i.location,mode:i.mode})}),typeof n==
"string"&&J({kind:"signedOut",tag:n,revoke:r!==!1}),o&&J({kind:"providerSignedOut",iss:String(o.iss),sid:String(o.sid)})})}function J(e,t){for(let n of A.
values())n.then(r=>r!==t&&r.hear(e),()=>{})}async function bt(e){return(await Promise.all([...A.values()].map(async n=>n.then(r=>vt(r,e),()=>{})))).
find(n=>n?.location!==void 0)}function vt(e,t){let{port1:n,port2:r}=new MessageChannel;return e.connect(r),new Promise(o=>{n.onmessage=({data:i})=>{
i.kind!=="value"&&i.kind!=="error"||(n.postMessage({kind:"close"}),o(i.kind==="value"?i.value:void 0))},n.postMessage({kind:"overhear",id:0,
url:t})})}async function Ot(e,t){z??=t();let n=(await z)(e,location.origin);return n.onsignedout=(r,o)=>{J({kind:"signedOut",tag:r,revoke:o},
n),L?.postMessage({signedOut:r,revoke:o})},n}function be(e,t){e.postMessage({kind:"failed",error:t})}function kt(e){return typeof WebAssembly>
"u"?{code:"wasm_unavailable"}:/unsafe-eval|content security policy|CSP/i.test(String(e))?{code:"wasm_blocked"}:e instanceof Error?{code:"vau\
lt_unreachable",detail:"vault.wasm"}:e}var yt,A,z,wt,L,ke=m(()=>{yt=new Set,A=new Map,wt=!1});var Se={};w(Se,{hostedBy:()=>K,serve:()=>St});function K(e){e&&!X&&Oe(),X??=e}function St(e,t){ve(e,t,async()=>X)}var X,G=m(()=>{ke()});async function Ce(e,t,n){try{return await fetch(e,{integrity:t})}catch{throw{code:await fetch(e,{cache:"reload"}).then(({ok:o})=>o,()=>!1)?"\
vault_mismatch":"vault_unreachable",detail:n}}}var je=m(()=>{});var xe={};w(xe,{check:()=>Pt});function Pt(e,t){return Ce(e,t,"vault.js")}var De=m(()=>{je()});var Z={};w(Z,{endOf:()=>_t,watch:()=>At});function At(e,t,n,r){if(Y.get(t)===n)return r();Y.set(t,n);let o=()=>{let i=setTimeout(r,2e3);t.ask(
{kind:"trace"}).then(()=>clearTimeout(i),()=>{})};navigator.locks.request(e,{__proto__:null,signal:n},o).catch(()=>{})}var Y,_t,Q=m(()=>{Y=new WeakMap,
_t=e=>Y.get(e)});var p,k,ee,I,B=m(()=>{p=e=>typeof e=="string",k=e=>typeof e=="boolean",ee=e=>typeof e=="function",I=(...e)=>t=>e.includes(t)});function y(e){return Array.isArray(e)?`[${e.map(y)}]`:typeof e!="object"||e===null?JSON.stringify(e)??"null":`{${Object.entries(e).sort(([n],[
r])=>n<r?-1:1).map(([n,r])=>`${JSON.stringify(n)}:${y(r)}`)}}`}var q=m(()=>{});function He(e,t,n){let r=[new Uint8Array(e),!0];return Ve({next:async()=>r.shift(),end(){}},t,n)}function Ne(e,t,n,r){return Ve(Lt(e,r),t,n)}
function Lt(e,t){let n=[],r=()=>{},o=0,i=a=>{n.push(a),r()};e.onmessage=({data:a})=>i(a);let s=new AbortController,c=()=>i(!1);return e.addEventListener(
"close",c),t.then(a=>{a?.addEventListener("abort",c,F({signal:s.signal})),a?.aborted&&c()}),{async next(){n.length===0&&await new Promise(u=>r=
u),r=()=>{};let a=n.shift();return typeof a=="object"&&(o+=a.length)>=Dt&&(e.postMessage(o),o=0),typeof a!="object"&&s.abort(),a},end(){s.abort(),
e.postMessage(null),e.close()}}}function Ve(e,t,n){let r={__proto__:null,type:We,start(o){t?.addEventListener("abort",()=>{o.error(t.reason),
e.end()})},async pull(o){let i=await e.next();if(typeof i=="object")return o.enqueue(i);if(n(),!i)throw new TypeError("network error");o.close(),
o.byobRequest?.respond(0)},cancel(){n(),e.end()}};return Ut.register(r,e),new ReadableStream(r,F(r.type?{}:{highWaterMark:0}))}var xt,Dt,F,_,
Ut,We,$e=m(()=>{xt=[101,103,204,205,304],Dt=256*1024,F=e=>({__proto__:null,...e}),_=class e extends Response{#e;#n;constructor(t,n,r,o){let{
status:i,statusText:s,headers:c}=t,a=i>=200&&i<=599;super(n==="HEAD"||xt.includes(i)?null:r,F({status:a?i:200,statusText:s,headers:c})),this.#e=
t,this.#n=o}get status(){return this.#e.status}get ok(){return this.status>=200&&this.status<=299}get url(){return this.#e.url}get type(){return this.#e.
type}clone(){return new e(this.#e,"",super.clone().body,this.#n)}arrayBuffer(){return this.#o(()=>super.arrayBuffer())}blob(){return this.#o(
()=>super.blob())}bytes(){return this.#o(()=>super.bytes())}formData(){return this.#o(()=>super.formData())}json(){return this.#o(()=>super.
json())}text(){return this.#o(()=>super.text())}async#o(t){let n=this.bodyUsed||this.body?.locked;try{return await t()}catch(r){throw!n&&"re\
ason"in this.#n?this.#n.reason:r}}};Ut=new FinalizationRegistry(e=>e.end());try{new ReadableStream(F({type:"bytes"})),We="bytes"}catch{}});var V={};w(V,{authorizedFetch:()=>Wt,getAccessToken:()=>Gt});function Bt(e){let{code:t,detail:n}=Object(e);return e instanceof Error&&Mt.includes(
t)&&n===void 0}function Ft(e){let t={__proto__:null};for(let n of qt){if(n in Object.prototype&&!Object.hasOwn(e,n))continue;let r=e[n];r!==
void 0&&(t[n]=r)}return t}function Nt(e){try{return Ht.call(e),!0}catch{return!1}}function Vt(){if(H===void 0){let e=new ReadableStream;H=!new Request(
location.origin,N({method:"POST",body:e,duplex:"half"})).headers.has("content-type");try{let t=new ReadableStream;structuredClone(t,N({transfer:[
t]}))}catch{H=!1}}return H}async function Wt(e,t,n,r){let{request:o,body:i,unsent:s,priority:c,abortable:a}=Xt(t,n),{method:u,signal:d,cache:l,
credentials:h,integrity:f,keepalive:b,mode:v}=o;if(d.aborted)throw i instanceof ReadableStream&&i.cancel(d.reason).catch(()=>{}),d.reason;let O=i;
s&&(O=await s()),d.throwIfAborted();let mt={kind:"fetch",url:o.url,method:u,headers:[...o.headers],init:{cache:l,credentials:h,integrity:f,keepalive:b,
mode:v,...c!==void 0&&{priority:c}},...O!==void 0&&{body:O}},j={},{wanted:x,ended:D}=a?zt(d,j):Jt;try{let P=O instanceof ArrayBuffer||O instanceof
ReadableStream?[O]:[],U=await e.ask(mt,P,x),{body:$,rest:he,demand:ge}=U;return ge&&r?.(ge),he?new _(U,u,Ne(he,x,D,$t(e)),j):$?.byteLength&&
x?new _(U,u,He($,x,D),j):(D(),new _(U,u,$??null,j))}catch(P){throw D(),Bt(P)?new TypeError(`Failed to fetch: ${P.message}`,{cause:P}):P}}async function $t(e){
if(e.isolation!=="page")return Promise.resolve().then(()=>(Q(),Z)).then(({endOf:t})=>t(e),()=>{})}function zt(e,t){let n=new AbortController,
r=new AbortController;return e.addEventListener("abort",()=>r.abort(t.reason=e.reason),N({signal:n.signal})),{wanted:r.signal,ended:()=>n.abort()}}
function Xt(e,t){let n=typeof t=="object"&&t!==null?Ft(t):N({}),{body:r,priority:o,signal:i}=n,s=Nt(e),c=s?e:new URL(`${e}`,location.origin).
href,a=Kt(r),u=a instanceof ReadableStream&&!Vt();(a instanceof ArrayBuffer||Array.isArray(a)||u)&&(n.body=new ArrayBuffer(0));let d=new Request(
c,typeof t=="object"?n:t),{method:l}=d,h;if(u){let f=a;a=void 0,h=()=>new Response(f).blob()}else a===void 0&&l!=="GET"&&l!=="HEAD"&&(s||r!=
null)&&(h=async()=>{let f=await d.blob();return f.size>0?f:void 0});return{request:d,body:a,unsent:h,priority:o,abortable:s||i!=null}}function Kt(e){
if(typeof e=="string"||e instanceof Blob||e instanceof ReadableStream)return e;if(e instanceof URLSearchParams)return`${e}`;if(e instanceof FormData)
return[...e];if(e instanceof ArrayBuffer)return e.slice(0);if(ArrayBuffer.isView(e)&&e.buffer instanceof ArrayBuffer)return e.buffer.slice(e.
byteOffset,e.byteOffset+e.byteLength)}async function Gt(e,t,n={}){let{resource:r}=t(n,{resource:p});return e.ask({kind:"accessToken",...r!==
void 0&&{resource:String(r)}})}var Mt,qt,N,Ht,H,Jt,W=m(()=>{B();$e();Mt=["offline","provider_unreachable","redirect_refused"];qt=["body","ca\
che","credentials","duplex","headers","integrity","keepalive","method","mode","priority","redirect","referrer","referrerPolicy","signal","wi\
ndow"];N=e=>({__proto__:null,...e}),Ht=Object.getOwnPropertyDescriptor(Request.prototype,"url").get;Jt={ended(){}}});function ze(){try{for(let e=window;e!==e.parent;e=e.parent)if(e.parent.location.origin!==location.origin)return!0;return!1}catch{return!0}}var Je=m(
()=>{});var ne={};w(ne,{restore:()=>Qt,signInSilently:()=>Xe});async function Xe(e,t,n){n?.throwIfAborted();let{url:r,ticket:o}=await e.ask(t),i=new AbortController,
s=document.createElement("iframe");try{n?.throwIfAborted();let c=Yt(s,r,i.signal);s.hidden=!0,s.title="Sign-in",s.sandbox.add("allow-scripts",
"allow-same-origin","allow-forms"),s.src=r,document.documentElement.append(s);let a=new Promise((u,d)=>n?.addEventListener("abort",()=>d(n.reason),
{signal:i.signal}));await Promise.race([e.ask({kind:"outcome",ticket:o}),c,a])}catch(c){throw e.tell({kind:"cancel",ticket:o}),c}finally{i.abort(),
s.remove()}}function Yt(e,t,n){return new Promise((r,o)=>{let i=(c,a=new URL(t).origin)=>o({code:c,detail:a}),s=setTimeout(i,1e4,"silent_tim\
ed_out");n.addEventListener("abort",()=>clearTimeout(s)),e.addEventListener("load",()=>{clearTimeout(s),Zt(e)||(s=setTimeout(i,3e3,"silent_b\
locked"))}),document.addEventListener("securitypolicyviolation",({effectiveDirective:c,blockedURI:a})=>{c==="frame-src"&&t.startsWith(a)&&i(
"silent_blocked","frame-src")},{signal:n})})}function Zt(e){try{return e.contentWindow?.location.origin===location.origin}catch{return!1}}async function Qt(e,t){
let[,n,r]=/^(\d+)(?: (\w+))?$/.exec(en(t)??"")??[];if(n===void 0)return;let o=Number(n);if(o>=3)return{by:"silent",code:"restore_suspended",
...r!==void 0&&{detail:r}};try{await Xe(e,{kind:"signIn",options:{mode:"silent",attended:!1}});return}catch(i){let s=i;return tn(t,s.error===
void 0?`${o+1} ${s.code}`:void 0),{by:"silent",code:s.code,...s.detail!==void 0&&{detail:s.detail}}}}function en(e){try{return localStorage.
getItem(e)}catch{return null}}function tn(e,t){try{t===void 0?localStorage.removeItem(e):localStorage.setItem(e,t)}catch{}}var re=m(()=>{});var Ke={};w(Ke,{signInByPopup:()=>nn});async function nn(e,t,n,r){if(!n)throw{code:"popup_blocked"};let o;try{r?.throwIfAborted();let s=await e.
ask(t);o=s.ticket,n.opener=null,n.location.replace(s.url)}catch(s){throw n.close(),s}let i=new AbortController;try{r?.throwIfAborted(),await Promise.
race([e.ask({kind:"outcome",ticket:o}),on(n,i.signal),rn(r,i.signal)])}catch(s){throw s.code!=="popup_closed"&&(e.tell({kind:"cancel",ticket:o}),
n.close()),s}finally{i.abort()}}function rn(e,t){return new Promise((n,r)=>e?.addEventListener("abort",()=>r(e.reason),{signal:t}))}function on(e,t){
return new Promise((n,r)=>{let o=performance.now(),i,s=!1,c=()=>{let u=performance.now(),d=document.hasFocus();s||=!d||sn(e),i=e.closed&&d&&
s?i??u:void 0,i!==void 0&&u-i>=1500&&r({code:"popup_closed"}),u-o>=36e5&&r({code:"popup_timed_out"})},a=setInterval(c,500);addEventListener(
"focus",c,{signal:t}),t.addEventListener("abort",()=>clearInterval(a))})}function sn(e){try{return e.location.href===void 0}catch{return!e.closed}}
var Ge=m(()=>{});var oe={};w(oe,{signIn:()=>cn});async function cn(e,t,n,r,o){let i;try{i=t(n,an)}catch(b){throw r?.close(),b}let{mode:s,signal:c,extraParams:a,
claims:u,authorizationDetails:d,...l}=i;if(!o&&ze())throw r?.close(),{code:"framed_by_stranger"};let f={kind:"signIn",options:{returnTo:location.
pathname+location.search+location.hash,...l,...s&&{mode:s},...a&&{extraParams:Object.entries(a)},...u&&{claims:y(u)},...d&&{authorizationDetails:y(
d)},attended:navigator.userActivation?.isActive,lasting:e.lasting}};if(s==="silent")await(await Promise.resolve().then(()=>(re(),ne))).signInSilently(
e,f,c);else if(s==="popup")await(await Promise.resolve().then(()=>(Ge(),Ke))).signInByPopup(e,f,r,c);else return(await e.ask(f)).url}var Ye,
an,ie=m(()=>{B();Je();q();Ye=e=>typeof e=="object"&&e!==null,an={mode:I("redirect","popup","silent"),signal:e=>e instanceof AbortSignal,returnTo:p,
prompt:p,maxAge:e=>typeof e=="number",acrValues:p,loginHint:p,uiLocales:p,scope:p,claims:Ye,authorizationDetails:Array.isArray,idTokenHint:k,
sameUser:k,extraParams:e=>Ye(e)&&Object.values(e).every(p)}});var Ze={};w(Ze,{signInAsInitiated:()=>dn});async function dn(e,t,{loginHint:n=!1,confirm:r}={}){let o=un(location.href,e);if(!o||r&&await r(
o)!==!0)return!1;let{returnTo:i,loginHint:s}=o;return await t.signIn({returnTo:i,...n&&s!==void 0&&{loginHint:s}}),!0}function un(e,t){let n=new URL(
e),[r,o,i]=["iss","login_hint","target_link_uri"].map(s=>{let c=n.searchParams.getAll(s);return c.length===1?c[0]:void 0});if(!(n.searchParams.
has("code")||n.searchParams.has("error"))&&!(r!==t||n.searchParams.getAll("iss").length!==1))return history.replaceState(history.state,"",n.
origin+n.pathname),{returnTo:ln(i)??"/",...o!==void 0&&{loginHint:o}}}function ln(e){if(e===void 0||!URL.canParse(e))return;let{origin:t,pathname:n,
search:r,hash:o,searchParams:i}=new URL(e);return t===location.origin&&!i.has("iss")?n+r+o:void 0}var Qe=m(()=>{});var ce={};w(ce,{fetchSteppingUp:()=>fn,resume:()=>hn});async function fn(e,t,n,r,o,i){let s=new Request(o,i),c=s.clone(),a=ae(e),u,d,l;try{d=
await n(t,s,void 0,v=>{u={...v,url:s.url}})}catch(v){let O=Object(v).code;if(!et.includes(O))throw v;l=v,u={url:s.url,error:O}}let h=()=>{if(d)
return d;throw l};if(!u)return h();let f=await r(Object.freeze(u)),b=()=>a!==ae(e);if(f!=="popup"&&f!=="redirect"||b())return h();f==="redir\
ect"&&await mn(c.clone(),a);try{await e.signIn({mode:f,sameUser:!0,...pn(u,e)})}catch(v){throw tt(),v}return f==="redirect"||b()?h():n(t,c)}
function pn({error:e,acrValues:t,maxAge:n,scope:r},{session:o}){if(e==="insufficient_scope"){let i=o.status==="signed-in"?o.scope:[];return{
scope:[...new Set(["openid",...i,...r?.split(" ")??[]])].filter(Boolean).join(" ")}}return et.includes(e)?{prompt:"consent"}:t===void 0&&n===
void 0?{maxAge:0}:{...t!==void 0&&{acrValues:t},...n!==void 0&&{maxAge:n}}}async function mn(e,t){let{url:n,method:r}=e,o=new Uint8Array(await e.
arrayBuffer());if(o.length>262144)return;let i="";for(let s of o)i+=String.fromCharCode(s);try{sessionStorage.setItem(se,JSON.stringify({user:t,
url:n,method:r,headers:[...e.headers],body:i&&btoa(i),at:Date.now()}))}catch{}}function tt(){try{let e=sessionStorage.getItem(se);return sessionStorage.
removeItem(se),e}catch{return null}}async function hn(e,t){let n=tt();if(n===null||e.session.status!=="signed-in")return;let r;try{r=JSON.parse(
n)}catch{return}let{user:o,url:i,method:s,headers:c,body:a,at:u}=r;if(!(Date.now()-u<36e5)||o!==ae(e))return;let d=a?Uint8Array.from(atob(a),
l=>l.charCodeAt(0)):void 0;return(await Promise.resolve().then(()=>(W(),V))).authorizedFetch(t,i,{method:s,headers:c,...d&&{body:d}})}var se,
et,ae,de=m(()=>{se="valetkey resume",et=["consent_required","interaction_required","login_required"],ae=({session:e})=>e.status==="signed-in"?
JSON.stringify([e.claims.iss,e.claims.sub]):void 0});var rt={};w(rt,{eventOf:()=>gn});function gn(e){if(!("step"in e))return{...e,at:Date.now()};let{step:t,at:n,detail:r}=e,o=Object.hasOwn(nt,t)?
nt[t]:void 0;return o&&{type:o,at:n,...r&&{[o==="signed_out"?"reason":"code"]:r}}}var nt,ot=m(()=>{nt={session_started:"signed_in",session_ended:"\
signed_out",user_changed:"user_changed",renewal_started:"renewing",renewed:"renewed",renewal_postponed:"renewal_postponed"}});var st={};w(st,{monitorSession:()=>yn});async function yn(e,t,n,r){try{let{url:o}=await e.ask({kind:"monitoring"});if(o===void 0)return void r(
{code:"session_monitoring_unavailable",detail:"check_session_iframe"});let i=()=>wn(o,t,e,n,r);do await vn();while(await(navigator.locks?navigator.
locks.request(`valetkey ${t} ${o}`,i):i()))}catch{}}async function wn(e,t,n,r,o){let i=d=>(o({code:"session_monitoring_unavailable",detail:d}),
!1),s=()=>r.session.status==="signed-in"?r.session.sessionState:void 0,{origin:c}=new URL(e),a=document.createElement("iframe");a.hidden=!0,
a.title="Session",a.sandbox.add("allow-scripts","allow-same-origin"),a.src=e;let u=new Promise(d=>a.addEventListener("load",()=>d(),{once:!0}));
document.documentElement.append(a);try{await Promise.race([u,it(5e3*2)]);let d=0,l=0;for(;document.visibilityState==="visible";){let h=s(),f=h!==
void 0?await bn(a,c,`${t} ${h}`):"";if(f==="error")return!1;if(l=f===void 0?l+1:0,l>2)return i("no answer");if(f==="unchanged")d=0;else if(f===
"changed"&&h===s()){if(d+=1,d>2)return i("changed, and is the same");try{await r.signIn({mode:"silent"})}catch(b){let{error:v,code:O}=b;(v!==
void 0||O==="user_changed")&&await n.ask({kind:"signOut",options:{local:!0,reason:"provider_session_changed"}})}}await it(5e3)}return!0}finally{
a.remove()}}function bn(e,t,n){return new Promise(r=>{let o=new AbortController,i=c=>{o.abort(),clearTimeout(s),r(c)},s=setTimeout(i,5e3);addEventListener(
"message",c=>{c.origin!==t||c.source!==e.contentWindow||(c.data==="changed"||c.data==="unchanged"||c.data==="error")&&i(c.data)},{signal:o.signal}),
e.contentWindow?.postMessage(n,t)})}function vn(){return new Promise(e=>{let t=new AbortController,n=()=>{document.visibilityState==="visibl\
e"&&(t.abort(),e())};document.addEventListener("visibilitychange",n,{signal:t.signal}),n()})}function it(e){return new Promise(t=>setTimeout(
t,e))}var at=m(()=>{});var g=class extends Error{name="OidcError";code;hint;detail;error;errorDescription;constructor(t,n=t.code,r="",o){let{code:i,detail:s,error:c,
errorDescription:a}={__proto__:null,...t},u=a??s;super(u?`${n} (${u})`:n,o===void 0?void 0:{cause:o}),this.code=i,this.hint=r,this.detail=s,
this.error=c,this.errorDescription=a}};async function E(e,t){let n;try{n=(await Promise.resolve().then(()=>(we(),ye))).texts[e.code]}catch{}
return new g(e,n?.[0],n?.[1],t)}function Ee(e){try{let t=globalThis.trustedTypes;Pe??=t?.createPolicy("valetkey",{createScriptURL:n=>n})}catch{}return Pe?.createScriptURL(e)??
e}var Pe,_e=e=>new Promise(t=>e.addEventListener("error",()=>t()));function Ie({vaultUrl:e}){let t=e??new URL("./vault.js",import.meta.url).
href,n=e?new URL("vault.wasm",e).href:new URL("./vault.wasm",import.meta.url).href,r=new URL("vault.wasm",t).href===n?t:`${t}?wasm=${encodeURIComponent(
n)}`;return{script:t,wasm:n,url:r}}var Re=e=>Ie(e).url;function Te(e){let{name:t,isolation:n}=e,{script:r,wasm:o,url:i}=Ie(e);if(n==="page")
return Et(t,o);if(new URL(r).origin!==location.origin)throw new g({code:"vault_url_foreign",detail:r},"foreign vault.js","Copy it here.");if(n!==
"worker"&&typeof SharedWorker=="function")return Ae("shared",t,i);if(n!=="shared"&&typeof Worker=="function")return Ae("worker",t,i);throw new g(
{code:"isolation_unavailable",detail:n},"no worker","Use `auto`.")}function Ae(e,t,n){let{port1:r,port2:o}=new MessageChannel;try{if(e==="sh\
ared"){let s=!1,c={__proto__:null,name:t,get extendedLifetime(){return s=!0}},a=new SharedWorker(Ee(n),c);return{isolation:e,port:a.port,failed:_e(
a),lasting:s}}let i=new Worker(Ee(n),{__proto__:null,name:t});return i.postMessage(null,[o]),{isolation:e,port:r,failed:_e(i)}}catch{return{
isolation:e,port:r,failed:Promise.resolve()}}}function Et(e,t){let{port1:n,port2:r}=new MessageChannel;return{isolation:"page",port:n,failed:(async()=>{
let{serve:i}=await Promise.resolve().then(()=>(G(),Se));i(e,r,t),await new Promise(()=>{})})().catch(()=>{})}}var It=3e4;function Ue(e){let n=(typeof e=="object"&&e!==null&&Object.getPrototypeOf(e))===Object.prototype;if(!n&&!Array.isArray(e))return e;
n&&Object.setPrototypeOf(e,null);for(let r of Object.keys(e))Ue(e[r]);return Object.freeze(e)}var M=class{isolation;lasting;#e;#n=new AbortController;#o=0;#i=new Map;#a;#c;constructor(t,n){
this.#a=t,this.#c=n,t.vaultIntegrity||this.#u()}async ask(t,n=[],r){let{vaultIntegrity:o}=this.#a;if(!this.#e&&o){let{check:c}=await Promise.resolve().then(()=>(De(),xe));
await c(Re(this.#a),o).catch(async a=>{throw await E(a)}),r?.throwIfAborted()}let{port:i}=this.#u(),s=++this.#o;return new Promise((c,a)=>{this.#i.
set(s,{resolve:c,reject:a}),r?.addEventListener("abort",()=>{i.postMessage({kind:"abort",id:s}),this.#i.delete(s)&&a(r.reason)}),i.postMessage(
{...t,id:s},n)})}tell(t){this.#e?.port.postMessage(t)}close(){this.#e?.isolation==="shared"&&(this.tell({kind:"close"}),this.#d({code:"super\
seded"}))}#u(){if(this.#e)return this.#e;let t=Te(this.#a);this.#e=t,this.isolation=t.isolation,this.lasting=t.lasting;let n=setTimeout(()=>this.#s(
t,{code:"vault_unreachable"}),It);return t.failed.then(()=>this.#s(t,{code:"vault_unreachable"})),t.port.onmessage=r=>{let o=Ue(r.data);if(o.
kind==="value")this.#t(o.id)?.resolve(o.value);else if(o.kind==="error")this.#l(this.#t(o.id),o.error);else if(o.kind==="failed")this.#s(t,o.
error);else{if(o.kind==="alive")return this.#r(t,o.lock);this.#c(o)}clearTimeout(n)},t}#d(t){this.#n.abort(),this.#n=new AbortController,this.#e=
void 0,this.#i.forEach(n=>this.#l(n,t)),this.#i.clear()}#r(t,n){let r=()=>this.#s(t,{code:"vault_crashed",detail:"ended"}),{signal:o}=this.#n;
Promise.resolve().then(()=>(Q(),Z)).then(({watch:i})=>i(n,this,o,r))}#t(t){let n=this.#i.get(t);return this.#i.delete(t),n}#l(t,n){t&&E(n).then(
t.reject)}#s(t,n){this.#e===t&&(this.#d(n),t.port.close(),this.#c({kind:"failed",error:n}))}};B();q();var Rt={issuer:p,clientId:p,redirectUri:p,callbackUri:p,scope:p,resources:Array.isArray,dpop:p,par:p,responseMode:p,persist:p,exposeAccessToken:k,
postLogoutRedirectUri:p,metadata:e=>typeof e=="object"&&e!==null&&y(e)!=="",transactions:p,clockTolerance:e=>typeof e=="number",dangerAllowInsecureHttp:k},
Tt={isolation:I("auto","shared","worker","page"),vaultUrl:p,vaultIntegrity:e=>/^sha384-[A-Za-z\d+/]{64}$/.test(e),navigate:ee,dangerAllowFraming:k,
restore:I("silent","memory"),monitorSession:k,stepUp:ee},Le=[];function Ct(e){for(let{issuer:t,metadata:n,redirectUri:r}of Le){let o=t===e.issuer;
if(o&&n!==e.metadata)throw Me("metadata_ambiguous",t);if(!o&&r===e.redirectUri)throw Me("redirect_uri_shared",r)}Le.push(e)}var Me=(e,t)=>new g(
{code:e,detail:t},"clash","Give each provider its own."),R=(e,t)=>new g({code:e,detail:t},e==="option_unknown"?"unknown option":"invalid opt\
ion",`See the option \`${t}\`.`);function T(e){return typeof e!="object"||e===null?e:e instanceof URL?String(e):e instanceof AbortSignal?e:Array.
isArray(e)?e.map(T):Be(e,t=>T(e[t]))}function Be(e,t){let n=Object.create(null);for(let r of Object.keys(e)){let o=t(r);o!==void 0&&(n[r]=o)}
return n}function C(e,t){if(typeof e!="object"||e===null)throw R("option_invalid","options");return Be(e,n=>{let r=Object.hasOwn(t,n)?t[n]:void 0;
if(!r)throw R("option_unknown",n);let o,i=!1;try{o=T(e[n]),i=o===void 0||r(o)}catch{}if(!i)throw R("option_invalid",n);return o})}function qe(e){
let t=C(e,{...Rt,...Tt});for(let b of["issuer","clientId"])if(t[b]===void 0)throw R("option_invalid",b);let{isolation:n="auto",vaultUrl:r,vaultIntegrity:o,
navigate:i,dangerAllowFraming:s=!1,restore:c,monitorSession:a=!1,stepUp:u,...d}=t,{issuer:l,clientId:h}=t;if(o&&n==="page")throw R("option_i\
nvalid","vaultIntegrity");let f=d.redirectUri??`${location.origin}/`;return Ct({issuer:l,metadata:y(t.metadata),redirectUri:f.replace(/\/?([?#].*)?$/,
"")}),{name:y({...d,redirectUri:f}),isolation:n,vaultUrl:r===void 0?void 0:new URL(r,location.href).href,vaultIntegrity:o,navigate:i??te,dangerAllowFraming:s,
issuer:l,clientId:h,mark:d.callbackUri&&c!=="memory"?`valetkey ${h} ${l}`:void 0,monitorSession:a,stepUp:u}}function te(e){location.assign(e)}
var jt={returnTo:p,local:k,revoke:k},Fe=e=>C(e,jt);function dt(e){return typeof document>"u"?On():new fe(e)}function On(){let e=async()=>{throw await E({code:"not_in_browser"})},t=()=>()=>{};
return{session:Object.freeze({status:"loading"}),ready:e,subscribe:t,signIn:e,signInAsInitiated:e,signOut:e,fetch:e,resume:e,getAccessToken:e,
userInfo:e,renew:e,trace:e,onEvent:t,onTrace:t}}function kn(){return document.prerendering!==!0?Promise.resolve():new Promise(e=>document.addEventListener(
"prerenderingchange",()=>e()))}function ue(e,t){let n=r=>t(r);return e.add(n),()=>{e.delete(n)}}function le(e,t){for(let n of[...e])try{n(t)}catch(r){
reportError(r)}}var ut,ct=async()=>ut=(await Promise.resolve().then(()=>(W(),V))).authorizedFetch,fe=class{#e=Object.freeze({status:"loading"});#n;#o;#i=new Set;#a=new Set;#c=new Set;#u;#d;#r;#t;constructor(t){
this.#r=qe(t),this.#t=new M(this.#r,r=>this.#w(r)),addEventListener("pagehide",()=>this.#t.close());let n=()=>{document.hidden===!0||this.#t.
tell({kind:"wake"})};addEventListener("online",n),addEventListener("visibilitychange",n),addEventListener("pageshow",({persisted:r})=>{r&&this.#v()}),
Object.freeze(this)}get session(){return this.#e}ready=()=>(this.#n??=this.#l("redirect").catch(t=>{throw this.#n=void 0,t}),this.#n);subscribe=t=>ue(
this.#i,t);signIn=async(t={})=>{let n=T(t),{mode:r}=Object(n),o=r==="popup"?open("","_blank","width=480,height=600"):null;this.#d=r;try{let{
signIn:i}=await Promise.resolve().then(()=>(ie(),oe)),s=await i(this.#t,C,n,o,this.#r.dangerAllowFraming);s&&await this.#m(s)}catch(i){throw i&&
Object.hasOwn(i,"code")&&!(i instanceof Error)?await E(i):i}finally{this.#d=void 0}};signInAsInitiated=async t=>(await Promise.resolve().then(()=>(Qe(),Ze))).
signInAsInitiated(this.#r.issuer,this,t);signOut=async(t={})=>{let{url:n,revoked:r}=await this.#t.ask({kind:"signOut",options:{...Fe(t)}});return n&&
await this.#m(n),{revoked:r}};fetch=async(t,n)=>{let{stepUp:r}=this.#r,o=ut??await ct();return r?(await Promise.resolve().then(()=>(de(),ce))).
fetchSteppingUp(this,this.#t,o,r,t,n):o(this.#t,t,n)};resume=async()=>(await Promise.resolve().then(()=>(de(),ce))).resume(this,this.#t);getAccessToken=async t=>(await Promise.resolve().then(()=>(W(),V))).
getAccessToken(this.#t,C,t);userInfo=()=>this.#t.ask({kind:"userInfo"});renew=()=>this.#t.ask({kind:"renew"});trace=()=>this.#t.ask({kind:"t\
race"});onEvent=t=>(this.#u??=Promise.resolve().then(()=>(ot(),rt)),ue(this.#c,t));onTrace=t=>ue(this.#a,t);async#l(t,n){await kn();let r={kind:"\
ready",url:location.href},o=await this.#t.ask(r);o.location!==void 0&&history.replaceState(history.state,"",location.origin+o.location);let s=o.
location!==void 0&&!o.error&&o.session.status==="signed-in"?t:o.restoredBy??"memory",c=o.restoreFailure,{mark:a}=this.#r;a&&o.session.status===
"signed-out"&&!o.session.reason&&o.location===void 0&&(c=await Promise.resolve().then(()=>(re(),ne)).then(({restore:l})=>l(this.#t,a)).catch(
()=>{})??c,o=await this.#t.ask({...r,url:location.origin}),s="silent");let u=o.error?await this.#p(o.error):n,d=this.#s(o.session,s,u,c);return d.
status==="signed-in"&&await this.#f({type:"restored",by:s}),d}#s(t,n,r,o){let{isolation:i}=this.#t,{mark:s,monitorSession:c}=this.#r,a=t.status===
"signed-in",u=Object.freeze({__proto__:null,...t,...a?{restoredBy:n}:o&&{restoreFailure:o},isolation:i,...r&&{error:r}});return s&&(a||t.reason)&&
this.#g(s,a),c&&a&&(this.#r.monitorSession=!1,Promise.resolve().then(()=>(at(),st)).then(({monitorSession:d})=>d(this.#t,this.#r.clientId,this,
l=>this.#p(l)))),(a?ct():Promise.resolve().then(()=>(ie(),oe))).catch(()=>{}),this.#y(u),u}#g(t,n){try{n?localStorage[t]=0:delete localStorage[t]}catch{}}#f(t){
return this.#u?.then(({eventOf:n})=>{let r=n(t);r&&le(this.#c,r)},()=>{})}async#p(t){let n=await E(t);return await this.#f({type:"error",error:n}),
n}#y(t){this.#e=t,le(this.#i,t)}#w(t){if(t.kind==="trace")le(this.#a,t.step),this.#f(t.step);else if(t.kind==="session"){if(this.#e.status===
"loading")return;let n=this.#e;this.#s(t.session,n.status==="signed-in"?n.restoredBy:this.#d??"memory")}else t.kind==="failed"&&this.#b(t.error)}async#b(t){
let n=await this.#p(t);this.#e.status==="signed-in"&&this.#s({status:"signed-out"},"memory",n),t.detail==="ended"&&this.#h(n)}#m(t){let n=new Promise(
(r,o)=>{this.#o=()=>{E({code:"sign_in_abandoned"}).then(o)},this.#r.navigate!==te&&r()});return this.#r.navigate(t),n}#v(){this.#o?.(),this.#o=
void 0,this.#h()}#h(t){this.#n&&(this.#n=this.#l("memory",t)),this.#n?.catch(()=>this.#n=void 0)}};q();G();var lt=e=>{let{claims:t,scope:n,authorizationDetails:r,renewalPostponed:o,restoreFailure:i,error:s,...c}=e;return{__proto__:null,status:e.
status,...c,claims:t&&y(t),texts:t&&ft(t),scope:n?.join(" "),authorizationDetails:r&&y(r),postponedCode:o?.code,retryAt:o?.retryAt,failedBy:i?.
by,failedCode:i?.code,failedDetail:i?.detail,error:s}},ft=e=>Object.entries(e).flatMap(t=>typeof t[1]=="string"?t:[]),pt=e=>{if(e instanceof
g)return e;let{cause:t,name:n,message:r,code:o}=Object(e);return t instanceof g?t:typeof o=="string"&&!(e instanceof Error)?{code:o}:{code:n===
"SyntaxError"?"option_invalid":"request_invalid",detail:r??String(e)}},S=async e=>{try{return await e()}catch(t){throw pt(t)}};function Sn(e){
try{return new URL("vault.js",new URL(e.replace(/\/?$/,"/"),document.baseURI))}catch{throw new g({code:"option_invalid",detail:"assets"})}}function pe(e,t){
let n=!0,r=t(o=>n&&e(o));return()=>{n=!1,r()}}function nr(e,t,n,r){try{let{assets:o="/valetkey/",...i}=JSON.parse(e),s=i.isolation==="page";
K(r);let c=!s&&typeof document<"u"&&{vaultUrl:Sn(o)};if(s&&!r)throw new g({code:"isolation_unavailable",detail:"page"});return new me(dt({...i,
...c,...t&&{navigate:t},...n&&{stepUp:n}}))}catch(o){throw pt(o)}}var me=class{#e;constructor(t){this.#e=t}session(){return lt(this.#e.session)}ready(){
return S(()=>this.#e.ready().then(()=>lt(this.#e.session)))}subscribe(t){return pe(t,this.#e.subscribe)}signIn(t,n){return S(()=>this.#e.signIn(
{...JSON.parse(t),signal:n}))}signInAsInitiated(t,n){let r={loginHint:t,...n&&{confirm:o=>n(o.returnTo,o.loginHint)}};return S(()=>this.#e.signInAsInitiated(
r))}signOut(t){return S(()=>this.#e.signOut(JSON.parse(t)).then(({revoked:n})=>n))}fetch(t,n,r,o,i){return S(()=>{let s=r.flatMap((a,u)=>u%2?
[]:[[a,r[u+1]]]);if(t instanceof Request){let a=new Headers(t.headers);for(let[d,l]of s)a.set(d,l);let u={...s.length>0&&{headers:a},...o!==
void 0&&{body:o}};return this.#e.fetch(t,{...u,signal:AbortSignal.any([t.signal,i])}).catch(d=>{throw t.signal.aborted?{code:"aborted"}:d})}
let c=o instanceof ReadableStream&&{duplex:"half"};return this.#e.fetch(t,{headers:s,signal:i,...n!==void 0&&{method:n},...o!==void 0&&{body:o},
...c})})}resume(){return S(()=>this.#e.resume())}accessToken(t){return S(()=>this.#e.getAccessToken(t===void 0?{}:{resource:t}))}userInfo(){
return S(()=>this.#e.userInfo().then(t=>({__proto__:null,claims:y(t),texts:ft(t)})))}renew(){return S(()=>this.#e.renew())}trace(){return S(
()=>this.#e.trace())}onEvent(t){return pe(t,this.#e.onEvent)}onTrace(t){return pe(t,this.#e.onTrace)}};export{me as Face,nr as create};
