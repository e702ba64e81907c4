/** Common words first, as in real text, where a word's frequency falls with its rank. */
export const words: readonly string[] = `
the of and to a in is that for it was on with as be at by this from or are an have not they which one you were
all her would there their will when who him been has more if no out do so what up said about other into than its
time only could new these two may then first any my now such like our over man me even most made after also did
many before must through years where much your way well down should because long each just state those people
how too little good world make very year still see own work men day get here old life both between being under
three never know same last another while us off might great go come since against right came take used himself
order refund invoice delivery customer account address payment parcel return label warehouse shipping carrier
tracking number status email password reset subscription plan upgrade monthly yearly discount coupon price tax
receipt balance credit card charge dispute bank transfer currency amount total quantity item product catalogue
size colour stock available backorder warranty repair replacement damaged missing late early arrived expected
Tuesday morning afternoon evening weekend holiday January schedule appointment calendar meeting agenda minutes
report summary document section paragraph clause contract agreement policy terms notice period renewal liability
insurance claim evidence photograph adjuster estimate coverage deductible premium underwriting hospital patient
symptom treatment dosage prescription allergy laboratory result normal elevated follow physician nurse clinic
engine server database table column index query latency throughput deploy rollback release version branch commit
merge conflict test failure timeout retry queue consumer producer partition offset replica leader broker cluster
memory disk network socket certificate token header request response payload schema field integer string boolean
function variable parameter exception stack trace module package dependency build pipeline container image volume
temperature pressure river mountain valley forest bridge harbour station platform ticket journey luggage passport
hotel reservation breakfast kitchen recipe flour butter sugar oven minutes serve salad pepper lemon garlic onion
student teacher lesson homework exam grade library chapter history science language grammar translation meaning
market shares dividend quarter revenue profit margin growth forecast budget expense audit ledger quarterly annual
analysis compare evaluate recommend consider suggest explain describe include exclude require provide receive send
open close start finish begin continue change update remove replace create choose decide confirm check verify ask
answer question reason example detail step option limit rule exception approval manager department office branch
Lisbon Zürich café résumé naïve Málaga São Kraków Ångström crème déjà 東京 €40 №7 — 3.5 2026 10:30 #4711 25%
`
  .trim()
  .split(/\s+/);
