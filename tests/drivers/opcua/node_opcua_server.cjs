// An OPC UA server that we did not write (npm package node-opcua), for the driver's tests.
// Arguments: port, folder for its certificates. Reads one JSON order a line from stdin, answers one line each.
const opcua = require("node-opcua");
const readline = require("node:readline");

const [port, folder] = [Number(process.argv[2]), process.argv[3]];
const { DataType, StatusCodes, Variant } = opcua;

async function main() {
  const manager = new opcua.OPCUACertificateManager({
    automaticallyAcceptUnknownCertificate: true,
    rootFolder: folder,
  });
  await manager.initialize();
  const server = new opcua.OPCUAServer({
    port,
    hostname: "127.0.0.1",
    resourcePath: "/plant",
    serverCertificateManager: manager,
    securityModes: [opcua.MessageSecurityMode.SignAndEncrypt],
    securityPolicies: [opcua.SecurityPolicy.Basic256Sha256],
    allowAnonymous: false,
    userManager: { isValidUser: (user, password) => user === "plantroom" && password === "geheim" },
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const own = space.getOwnNamespace();
  const plant = own.addObject({ organizedBy: space.rootFolder.objects, browseName: "Plant", nodeId: "s=Plant" });
  const variables = {};
  const add = (name, dataType, value, accessLevel) => {
    variables[name] = own.addVariable({
      componentOf: plant, browseName: name, nodeId: `s=Plant.${name}`, dataType, accessLevel,
      minimumSamplingInterval: 50, value: new Variant({ dataType: DataType[dataType], arrayType: opcua.VariantArrayType.Scalar, value }),
    });
  };
  const both = "CurrentRead | CurrentWrite";
  add("Temp", "Double", 21.5, "CurrentRead");
  add("Flow", "Float", 3.5, both);
  add("Mode", "Int16", 1, both);
  add("Run", "Boolean", false, both);
  add("Text", "String", "idle", both);
  add("Count", "UInt64", [0, 42], "CurrentRead");
  const method = own.addMethod(plant, {
    nodeId: "s=Plant.Add", browseName: "Add",
    inputArguments: [{ name: "first", dataType: DataType.Int16 }, { name: "second", dataType: DataType.Double }],
    outputArguments: [{ name: "sum", dataType: DataType.Double }],
  });
  method.bindMethod((inputs, _context, done) => done(null, {
    statusCode: StatusCodes.Good,
    outputArguments: [{ dataType: DataType.Double, value: inputs[0].value + inputs[1].value }],
  }));
  await server.start();
  console.log("ready");
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const order = JSON.parse(line);
    const variable = variables[order.name];
    if (order.value !== undefined) {
      const held = variable.readValue().value.dataType;
      const stamp = new Date(Date.now() - (order.age || 0) * 1000);
      variable.setValueFromSource({ dataType: held, value: order.value }, StatusCodes[order.status || "Good"], stamp);
    }
    const shown = variable.readValue();
    console.log(JSON.stringify({ value: shown.value.value, type: DataType[shown.value.dataType] }));
  }).on("close", () => server.shutdown(0).then(() => process.exit(0)));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
